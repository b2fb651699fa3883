#include "api/prometheus.h"

#include <limits>

#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

TEST(Prometheus, WritesAMetricWithItsSamples) {
  Exposition out;
  out.gauge("fabrix_x", "What x is.\nReally \\.");
  out.add({}, std::uint64_t{18446744073709551615U});
  out.add({{"a", "b"}, {"c", "d\"e\\f\ng"}}, 0.25);
  out.counter("fabrix_y_total", "Y.");
  out.add({}, 1e100);
  EXPECT_EQ(out.text(),
            "# HELP fabrix_x What x is.\\nReally \\\\.\n# TYPE fabrix_x gauge\n"
            "fabrix_x 18446744073709551615\n"
            "fabrix_x{a=\"b\",c=\"d\\\"e\\\\f\\ng\"} 0.25\n"
            "# HELP fabrix_y_total Y.\n# TYPE fabrix_y_total counter\nfabrix_y_total 1e+100\n");
}

TEST(Prometheus, LeavesOutAMetricWithoutSamples) {
  Exposition out;
  out.gauge("fabrix_nothing", "Nothing.");
  out.gauge("fabrix_something", "Something.");
  out.add({}, std::uint64_t{1});
  EXPECT_EQ(out.text(),
            "# HELP fabrix_something Something.\n# TYPE fabrix_something gauge\n"
            "fabrix_something 1\n");
}

TEST(Prometheus, AddsBucketsUp) {
  Exposition out;
  out.histogram("fabrix_t_seconds", "T.",
                {.buckets = {{0.001, 3}, {0.01, 0}, {1, 2}}, .beyond = 1, .sum = 4.5});
  EXPECT_EQ(out.text(),
            "# HELP fabrix_t_seconds T.\n# TYPE fabrix_t_seconds histogram\n"
            "fabrix_t_seconds_bucket{le=\"0.001\"} 3\n"
            "fabrix_t_seconds_bucket{le=\"0.01\"} 3\n"
            "fabrix_t_seconds_bucket{le=\"1\"} 5\n"
            "fabrix_t_seconds_bucket{le=\"+Inf\"} 6\n"
            "fabrix_t_seconds_sum 4.5\nfabrix_t_seconds_count 6\n");
}

TEST(Prometheus, PutsTimesIntoTheirBuckets) {
  auto histogram = Histogram::with_buckets({0.001, 0.01, 1});
  for (const double seconds : {0.0, 0.001, 0.002, 0.9, 1.5}) histogram.add(seconds);
  EXPECT_EQ(histogram.buckets[0].count, 2U);
  EXPECT_EQ(histogram.buckets[1].count, 1U);
  EXPECT_EQ(histogram.buckets[2].count, 1U);
  EXPECT_EQ(histogram.beyond, 1U);
  EXPECT_NEAR(histogram.sum, 2.403, 1e-9);
}

TEST(Prometheus, WritesNumbersThatAreNone) {
  Exposition out;
  out.gauge("x", "X.");
  out.add({}, std::numeric_limits<double>::infinity());
  out.add({}, -std::numeric_limits<double>::infinity());
  out.add({}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(out.text().ends_with("x +Inf\nx -Inf\nx NaN\n"));
}

}  // namespace
}  // namespace fabrix::api
