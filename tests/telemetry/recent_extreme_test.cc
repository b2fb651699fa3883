#include "telemetry/recent_extreme.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;
using Of = RecentExtreme::Of;

TEST(RecentExtreme, IsOfOneToTwoWindows) {
  RecentExtreme most(Of::kMost, seconds(10));
  EXPECT_EQ(most.read({}), std::nullopt);
  most.add(9, seconds(100));
  most.add(3, seconds(109));
  EXPECT_EQ(most.read(seconds(109)), 9);
  EXPECT_EQ(most.read(seconds(115)), 9);  // the window before
  most.add(4, seconds(115));
  EXPECT_EQ(most.read(seconds(119)), 9);
  EXPECT_EQ(most.read(seconds(120)), 4);
  EXPECT_EQ(most.read(seconds(130)), std::nullopt);
  most.add(1, seconds(300));
  EXPECT_EQ(most.read(seconds(300)), 1);
}

TEST(RecentExtreme, WithoutAWindowIsOfAllTime) {
  RecentExtreme least(Of::kLeast, Time::zero());
  for (const int number : {5, -2, 7}) least.add(number, seconds(number * 1000));
  EXPECT_EQ(least.read(seconds(1'000'000)), -2);
}

// All of the last window, and nothing of before the one before it.
TEST(RecentExtreme, AgreesWithAllNumbers) {
  std::mt19937 random(7);
  constexpr seconds kWindow(8);
  RecentExtreme least(Of::kLeast, kWindow);
  std::map<Time, double> all;
  Time now{};
  for (int i = 0; i < 5000; ++i) {
    now += seconds(random() % 5);
    if (random() % 3 != 0) {
      const auto number = static_cast<double>(random() % 1000);
      least.add(number, now);
      const auto [at, is_new] = all.try_emplace(now, number);
      if (!is_new) at->second = std::min(at->second, number);
    }
    const auto found = least.read(now);
    for (const auto& [when, number] : all) {
      if (when <= now - kWindow) continue;
      ASSERT_LE(found.value(), number) << i;
    }
    if (!found) continue;
    EXPECT_TRUE(std::ranges::any_of(all, [&](const auto& each) {
      return each.first > now - 2 * kWindow && each.second == *found;
    })) << i;
  }
}

}  // namespace
}  // namespace fabrix::telemetry
