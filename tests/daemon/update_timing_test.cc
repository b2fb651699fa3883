#include "daemon/update_timing.h"

#include <gtest/gtest.h>

namespace fabrix::daemon {
namespace {

using std::chrono::milliseconds;

std::uint64_t count(const api::Histogram& histogram) {
  std::uint64_t all = histogram.beyond;
  for (const auto& bucket : histogram.buckets) all += bucket.count;
  return all;
}

TEST(UpdateTiming, TimesEachUpdateAndEachBurst) {
  UpdateTiming timing;
  const UpdateTiming::Clock::time_point start;
  timing.came(start);
  timing.decided(start + milliseconds(2));
  timing.came(start + milliseconds(3));
  timing.decided(start + milliseconds(4));
  timing.released(start + milliseconds(10));
  timing.released(start + milliseconds(20));
  EXPECT_EQ(count(timing.processing()), 2U);
  EXPECT_NEAR(timing.processing().sum, 0.003, 1e-9);
  EXPECT_EQ(count(timing.propagation()), 1U) << "a release without news is none";
  EXPECT_NEAR(timing.propagation().sum, 0.010, 1e-9);
  EXPECT_EQ(count(timing.compiling()), 0U);
  timing.compiled(milliseconds(20));
  EXPECT_NEAR(timing.compiling().sum, 0.020, 1e-9);
}

}  // namespace
}  // namespace fabrix::daemon
