#include "telemetry/threshold.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const DataSource kSource{net::IpAddress::v4({192, 0, 2, 1}), {0, 7}};

constexpr Threshold kThreshold{
    .value = 1000, .timeout = seconds(60), .smoothing = std::chrono::seconds(2)};

TEST(ThresholdWatch, FiresOnceWhileAFlowStaysAbove) {
  ThresholdWatch watch(kThreshold);
  EXPECT_FALSE(watch.update({kSource, "a", 1000, seconds(1)}));  // not above
  const auto event = watch.update({kSource, "a", 1001, seconds(2)});
  ASSERT_TRUE(event);
  EXPECT_EQ(event->id, 0U);
  EXPECT_EQ(event->key, "a");
  EXPECT_EQ(event->value, 1001);
  EXPECT_EQ(event->time, seconds(2));
  for (int second = 3; second < 500; ++second) {
    EXPECT_FALSE(watch.update({kSource, "a", 5000, seconds(second)}));
  }
  EXPECT_EQ(watch.update({kSource, "b", 5000, seconds(3)})->id, 1U);
  const DataSource other{net::IpAddress::v4({192, 0, 2, 1}), {0, 8}};
  EXPECT_TRUE(watch.update({other, "a", 5000, seconds(3)}));
}

// With 1,000 e at its last update a flow is below t later.
TEST(ThresholdWatch, FiresAgainWhenItHasBeenBelowForTheTimeout) {
  const double value = 1000 * std::exp(1);
  for (const auto& [pause, fires] :
       std::vector<std::pair<milliseconds, bool>>{{milliseconds(1000), false},
                                                  {milliseconds(61'900), false},
                                                  {milliseconds(62'100), true},
                                                  {seconds(100'000), true}}) {
    ThresholdWatch watch(kThreshold);
    ASSERT_TRUE(watch.update({kSource, "a", value, seconds(10)}));
    EXPECT_TRUE(watch.is_above(kSource, "a", seconds(11)));
    EXPECT_FALSE(watch.is_above(kSource, "a", seconds(13)));
    EXPECT_EQ(watch.update({kSource, "a", 1500, seconds(10) + pause}).has_value(), fires);
  }
}

TEST(ThresholdWatch, ASumFiresOnce) {
  ThresholdWatch watch({.value = 10, .timeout = {}, .smoothing = {}});
  EXPECT_TRUE(watch.update({kSource, "a", 11, seconds(1)}));
  EXPECT_FALSE(watch.update({kSource, "a", 12, seconds(1'000'000)}));
  EXPECT_TRUE(watch.is_above(kSource, "a", seconds(2'000'000)));
}

TEST(ThresholdWatch, IsBounded) {
  ThresholdWatch watch(kThreshold);
  for (std::size_t i = 0; i < ThresholdWatch::kMaxWatched; ++i) {
    EXPECT_TRUE(watch.update({kSource, std::to_string(i), 2000, seconds(1)}));
  }
  EXPECT_FALSE(watch.update({kSource, "one more", 2000, seconds(2)}));
  EXPECT_EQ(watch.ignored(), 1U);
  // Who has been quiet gives way.
  EXPECT_TRUE(watch.update({kSource, "one more", 2000, seconds(100)}));
}

// The meter's values, sample by sample: the event comes with the sample that crosses, when a step
// to R must have: after -t ln(1 - T/R).
TEST(ThresholdWatch, AnEventComesWithTheSampleThatCrosses) {
  auto meter = FlowMeter::create({.keys = "ipdestination",
                                  .value = "frames",
                                  .cache = {.capacity = 20, .smoothing = seconds(2)}})
                   .value();
  // 1,000 samples a second, 1 in 1,000: a million frames.
  ThresholdWatch watch({.value = 100'000, .smoothing = seconds(2)});
  std::vector<ThresholdEvent> events;
  meter.observe([&](const FlowUpdate& update) {
    if (auto event = watch.update(update)) events.push_back(*std::move(event));
  });
  Sampled sampled(sflow::frame("udp 10.0.0.1:53 -> 10.0.0.99:9"));
  for (int i = 1; i <= 3000; ++i) meter.add(sampled.sample(), milliseconds(i));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].key, "10.0.0.99");
  EXPECT_GT(events[0].value, 100'000);
  const double expected = -2 * std::log(1 - 0.1);
  EXPECT_NEAR(std::chrono::duration<double>(events[0].time).count(), expected, 0.003);
}

}  // namespace
}  // namespace fabrix::telemetry
