#include "analyzer/prometheus_text.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

const telemetry::DataSource kSource{net::IpAddress::v4({192, 0, 2, 1}), {0, 7}};

// The format of https://prometheus.io/docs/instrumenting/exposition_formats.
TEST(PrometheusText, HasALineForEachNumber) {
  PrometheusText out;
  out.open("pair", "Octets a second.");
  out.add({{"src", "a\"b\\c\nd"}, {"dst", ""}}, 0.5);
  out.open("seen_total", "All.", PrometheusText::Type::kCounter);
  out.add(3);
  out.add(std::numeric_limits<double>::infinity());
  out.add(std::nan(""));
  EXPECT_EQ(out.text(),
            "# HELP pair Octets a second.\n# TYPE pair gauge\n"
            "pair{src=\"a\\\"b\\\\c\\nd\",dst=\"\"} 0.5\n"
            "# HELP seen_total All.\n# TYPE seen_total counter\n"
            "seen_total 3\nseen_total +Inf\nseen_total NaN\n");
}

TEST(PrometheusText, NamesHaveOnlyWhatPrometheusTakes) {
  EXPECT_EQ(prometheus_name("mask:ipsource:24"), "mask_ipsource_24");
  EXPECT_EQ(prometheus_name("1st"), "_1st");
  EXPECT_EQ(prometheus_name(""), "_");
}

TEST(PrometheusText, MetricsOfAgentsHaveTheNamesOfSflowRt) {
  const telemetry::MetricStore store;
  EXPECT_EQ(prometheus_metrics({{kSource, "b-c", 1.5}, {kSource, "a", 2.0}, {kSource, "t", "text"}},
                               store),
            "# HELP sflow_a Of sFlow agents.\n# TYPE sflow_a gauge\n"
            "sflow_a{agent=\"192.0.2.1\",datasource=\"7\"} 2\n"
            "# HELP sflow_b_c Of sFlow agents.\n# TYPE sflow_b_c gauge\n"
            "sflow_b_c{agent=\"192.0.2.1\",datasource=\"7\"} 1.5\n");
}

}  // namespace
}  // namespace fabrix::analyzer
