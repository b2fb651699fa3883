#include "telemetry/flow_tally.h"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr FlowTally::Smoothing kTwoSeconds = seconds(2);

FlowTally tally_of(const ValueExpression& value, FlowTally::Smoothing smoothing) {
  return {value.kind(), smoothing};
}

TEST(FlowTally, ARateIsTheMovingAverage) {
  Sampled sampled(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  const auto frames = ValueExpression::parse("frames").value();
  auto tally = tally_of(frames, kTwoSeconds);
  for (int i = 0; i < 30'000; ++i) tally.add(frames, sampled.sample(), milliseconds(i));
  EXPECT_NEAR(tally.read(seconds(30)), 1e6, 1e4);  // 1,000 samples a second, each of 1,000
  EXPECT_NEAR(tally.read(seconds(32)), 1e6 / std::exp(1), 1e4);
  auto sum = tally_of(frames, {});
  for (int i = 0; i < 3; ++i) sum.add(frames, sampled.sample(), seconds(i));
  EXPECT_EQ(sum.read(seconds(100)), 3000);
}

TEST(FlowTally, AMeanIsOfWhatSamplesSay) {
  Sampled small(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  const auto bytes = ValueExpression::parse("avg:bytes").value();
  auto tally = tally_of(bytes, {});
  EXPECT_EQ(tally.read({}), 0);
  tally.add(bytes, small.sample(), seconds(1));
  EXPECT_EQ(tally.read(seconds(50)), 64);
  const auto vlan = ValueExpression::parse("avg:vlan").value();
  tally.add(vlan, small.sample(), seconds(1));  // says nothing of it
  EXPECT_EQ(tally.read(seconds(50)), 64);
}

TEST(FlowTally, LeastMostAndLastAreOfWhatSamplesSay) {
  const auto from = [](int port) {
    return Sampled(sflow::frame("tcp 10.4.3.9:" + std::to_string(port) + " -> 10.1.2.3:80"));
  };
  const auto read = [&](const char* text, Time now) {
    const auto value = ValueExpression::parse(text).value();
    auto tally = tally_of(value, kTwoSeconds);
    int second = 0;
    for (const int port : {20, 10, 30}) {
      Sampled sampled = from(port);
      tally.add(value, sampled.sample(), seconds(second++));
    }
    return tally.read(now);
  };
  EXPECT_EQ(read("min:tcpsourceport", seconds(3)), 10);
  EXPECT_EQ(read("max:tcpsourceport", seconds(3)), 30);
  EXPECT_EQ(read("last:tcpsourceport", seconds(3)), 30);
  EXPECT_EQ(read("min:tcpsourceport", seconds(30)), 0);
  EXPECT_EQ(read("last:tcpsourceport", seconds(30)), 30);
}

TEST(FlowTally, ACountIsOfLately) {
  Sampled one(sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"));
  Sampled other(sflow::frame("tcp 10.4.3.8:1000 -> 10.1.2.3:80"));
  const auto sources = ValueExpression::parse("count:ipsource").value();
  auto tally = tally_of(sources, kTwoSeconds);
  for (auto* each : {&one, &other, &one}) tally.add(sources, each->sample(), seconds(1));
  EXPECT_EQ(tally.read(seconds(2)), 2);
  EXPECT_EQ(tally.read(seconds(30)), 0);
}

}  // namespace
}  // namespace fabrix::telemetry
