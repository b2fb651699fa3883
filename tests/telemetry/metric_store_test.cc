#include "telemetry/metric_store.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

TEST(MetricStore, TellsNothingOfTimeAlone) {
  MetricStore store;
  int told = 0;
  store.observe([&](const MetricUpdate& /*update*/) { ++told; });
  store.tick(std::chrono::seconds(1));
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace fabrix::telemetry
