#include "telemetry/decay_clock.h"

#include <cmath>

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

DecayClock clock_of(double t) {
  return DecayClock(std::chrono::duration<double>(t));
}

TEST(DecayClockTest, WeighsWhatComesLaterMore) {
  DecayClock clock = clock_of(2);
  clock.advance(seconds(1'700'000'000));
  EXPECT_EQ(clock.growth(), 1);
  EXPECT_EQ(clock.unit(), 0.5);
  clock.advance(seconds(1'700'000'003));
  EXPECT_DOUBLE_EQ(clock.growth(), std::exp(1.5));
  EXPECT_DOUBLE_EQ(clock.unit(), std::exp(1.5) / 2);
}

TEST(DecayClockTest, MovesTheLandmarkWhenItIsFar) {
  DecayClock clock = clock_of(2);
  clock.advance(seconds(10));
  clock.advance(seconds(110));
  EXPECT_EQ(clock.landmark(), seconds(10));
  clock.advance(seconds(111));
  EXPECT_EQ(clock.landmark(), seconds(111));
  EXPECT_EQ(clock.growth(), 1);
  EXPECT_DOUBLE_EQ(clock.decay(seconds(4)), std::exp(-2));
}

TEST(DecayClockTest, DoesNotGoBack) {
  DecayClock clock = clock_of(2);
  clock.advance(seconds(10));
  clock.advance(seconds(12));
  clock.advance(seconds(5));
  EXPECT_EQ(clock.now(), seconds(12));
  EXPECT_DOUBLE_EQ(clock.growth(), std::exp(1));
  EXPECT_EQ(clock.decay(-seconds(4)), 1);
}

TEST(DecayClockTest, WeighsAllTheSameWithoutSmoothing) {
  DecayClock clock(std::nullopt);
  clock.advance(seconds(10));
  clock.advance(seconds(100'000));
  EXPECT_EQ(clock.growth(), 1);
  EXPECT_EQ(clock.unit(), 1);
  EXPECT_EQ(clock.decay(seconds(100)), 1);
}

}  // namespace
}  // namespace fabrix::telemetry
