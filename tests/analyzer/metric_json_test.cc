#include "analyzer/metric_json.h"

#include <cmath>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

const telemetry::DataSource kSource{net::IpAddress::v4({192, 0, 2, 1}), {0, 7}};

TEST(MetricJson, WholeNumbersHaveNoFraction) {
  EXPECT_EQ(json::serialize(number_json(1e9)), "1000000000");
  EXPECT_EQ(json::serialize(number_json(-3)), "-3");
  EXPECT_EQ(json::serialize(number_json(0.5)), "5E-1");
  EXPECT_TRUE(number_json(1e300).is_double());
}

TEST(MetricJson, FlowsHaveTheirTopKeys) {
  const std::vector<telemetry::MetricRow> rows{
      {kSource, "pairs", 1000.0, seconds(5), {{"a,b", 800, seconds(5)}, {"c,d", 200, seconds(4)}}}};
  const auto flow = summary_json(telemetry::parse_term("max:pairs"), rows, seconds(6));
  EXPECT_EQ(flow.at("topKeys"),
            (json::array{json::object{{"key", "a,b"}, {"value", 800}, {"lastUpdate", 1000}},
                         json::object{{"key", "c,d"}, {"value", 200}, {"lastUpdate", 2000}}}));
  EXPECT_EQ(flow.at("metricName"), "max:pairs");
  EXPECT_EQ(row_json(rows[0], seconds(6)).at("topKeys"), flow.at("topKeys"));
  EXPECT_FALSE(
      summary_json(telemetry::parse_term("sum:pairs"), rows, seconds(6)).contains("topKeys"));
}

TEST(MetricJson, AMedianHasItsQuartiles) {
  std::vector<telemetry::MetricRow> rows;
  for (const double value : {40.0, 10.0, 30.0, 20.0, 50.0}) {
    rows.push_back({kSource, "load", value, seconds(5)});
  }
  const auto median = summary_json(telemetry::parse_term("med:load"), rows, seconds(6));
  EXPECT_EQ(median.at("metricValue"), 30);
  EXPECT_EQ(median.at("quartiles"),
            (json::object{{"min", 10}, {"q1", 20}, {"med", 30}, {"q3", 40}, {"max", 50}}));
  EXPECT_FALSE(
      summary_json(telemetry::parse_term("q1:load"), rows, seconds(6)).contains("quartiles"));
  EXPECT_FALSE(
      summary_json(telemetry::parse_term("med:load"), {}, seconds(6)).contains("quartiles"));
}

}  // namespace
}  // namespace fabrix::analyzer
