#include "telemetry/distinct_counter.h"

#include <string>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

double counted(int values) {
  DistinctCounter counter(seconds(10));
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < values; ++i) counter.add("10.0.0." + std::to_string(i), seconds(1));
  }
  return counter.count(seconds(2));
}

TEST(DistinctCounter, CountsEachValueOnce) {
  EXPECT_EQ(DistinctCounter(seconds(10)).count({}), 0);
  EXPECT_EQ(counted(1), 1);
  EXPECT_NEAR(counted(10), 10, 1);
  EXPECT_NEAR(counted(100), 100, 5);
  EXPECT_NEAR(counted(1000), 1000, 60);
  EXPECT_EQ(counted(100'000), DistinctCounter::kMost);
}

TEST(DistinctCounter, ForgetsAfterTwoWindowsAtMost) {
  DistinctCounter counter(seconds(10));
  counter.add("a", seconds(100));
  counter.add("b", seconds(109));
  EXPECT_EQ(counter.count(seconds(109)), 2);
  EXPECT_EQ(counter.count(seconds(115)), 2);  // the window before
  counter.add("c", seconds(115));
  EXPECT_EQ(counter.count(seconds(116)), 3);
  EXPECT_EQ(counter.count(seconds(125)), 1);
  EXPECT_EQ(counter.count(seconds(200)), 0);
  counter.add("d", seconds(300));
  EXPECT_EQ(counter.count(seconds(300)), 1);
}

TEST(DistinctCounter, WithoutAWindowRemembersAll) {
  DistinctCounter counter({});
  counter.add("a", seconds(1));
  counter.add("b", seconds(100'000));
  EXPECT_EQ(counter.count(seconds(200'000)), 2);
}

}  // namespace
}  // namespace fabrix::telemetry
