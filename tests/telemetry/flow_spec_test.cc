#include "telemetry/flow_spec.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(FlowSpec, KeepsWithinSflowRtsLimits) {
  const FlowSpec low = clamped({.n = 1, .t = 0, .active_timeout = 0});
  EXPECT_EQ(low.n, 5);
  EXPECT_EQ(low.t, 0.2);
  EXPECT_EQ(low.active_timeout, 1);
  const FlowSpec high = clamped({.n = 1000, .t = 1e9, .active_timeout = 1e9});
  EXPECT_EQ(high.n, 20);
  EXPECT_EQ(high.t, 600);
  EXPECT_EQ(high.active_timeout, 3600);
}

TEST(FlowSpec, KeepsFourTimesAsManyCandidates) {
  EXPECT_EQ(definition_of({.n = 20}).cache.capacity, 80U);
  EXPECT_EQ(definition_of({.n = 5}).cache.capacity, 64U);
  EXPECT_EQ(definition_of({.t = 0.5}).cache.smoothing, std::chrono::duration<double>(0.5));
}

TEST(FlowSpec, LogsTotalsOfSumsOnly) {
  EXPECT_EQ(log_options_of({.value = "bytes"}).value, FlowLogOptions::Value::kTotal);
  EXPECT_EQ(log_options_of({.value = "avg:bytes"}).value, FlowLogOptions::Value::kLast);
  EXPECT_EQ(log_options_of({.active_timeout = 5}).idle_timeout, std::chrono::seconds(5));
  EXPECT_EQ(log_options_of({.active_timeout = 60}).idle_timeout, std::chrono::seconds(15));
}

}  // namespace
}  // namespace fabrix::telemetry
