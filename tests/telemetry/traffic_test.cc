#include "telemetry/traffic.h"

#include <cmath>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

TEST(Traffic, ComesToItsRateAndDecays) {
  Traffic traffic;
  for (int second = 1; second <= 200; ++second) traffic.add(100, 500, seconds(second));
  EXPECT_EQ(traffic.frames(), 20'000U);
  EXPECT_EQ(traffic.octets(), 10'000'000U);
  // Just after a sample it is above what it is in the mean, by half of a second's decay.
  EXPECT_NEAR(traffic.frame_rate(seconds(200)), 100, 6);
  EXPECT_NEAR(traffic.octet_rate(seconds(200)), 50'000, 3'000);
  EXPECT_NEAR(traffic.octet_rate(seconds(210)), traffic.octet_rate(seconds(200)) * std::exp(-1), 1);
  // Time that goes back is no time.
  EXPECT_EQ(traffic.octet_rate(seconds(100)), traffic.octet_rate(seconds(200)));
}

TEST(TrafficTable, LosesNothingWhenItIsFull) {
  TrafficTable table;
  for (std::uint64_t n = 0; n < TrafficTable::kMaxRows + 5; ++n) {
    table.add({n, n, n}, 2, 100, seconds(1));
  }
  table.add({0, 0, 0}, 1, 100, seconds(1));
  EXPECT_EQ(table.rows().size(), TrafficTable::kMaxRows);
  EXPECT_EQ(table.rows().at({0, 0, 0}).frames(), 3U);
  EXPECT_EQ(table.others().octets(), 1000U);
}

TEST(TrafficTable, ForgetsWhatIsIdle) {
  TrafficTable table;
  table.add({1}, 1, 100, seconds(1));
  table.add({2}, 1, 100, seconds(100));
  table.forget_idle(seconds(2) + TrafficTable::kIdle);
  EXPECT_EQ(table.rows().size(), 1U);
  EXPECT_TRUE(table.rows().contains({2}));
}

}  // namespace
}  // namespace fabrix::telemetry
