#include "telemetry/frame_ends.h"

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

constexpr const char* kPacket = "udp 20.0.0.1:1 -> 10.0.0.1:2";

TEST(FrameEnds, AreWhoHasTheMacAddresses) {
  const Members members(three_members());
  Sampled sampled(frame_between(mac_of(kA), mac_of(kB), kPacket));
  const FrameEnds ends = ends_of(members, sampled.sample());
  EXPECT_EQ(ends.source, mac_of(kA));
  EXPECT_EQ(ends.destination, mac_of(kB));
  EXPECT_EQ(ends.sender, kA);
  EXPECT_EQ(ends.receiver, kB);
}

TEST(FrameEnds, AreWhosePortsTheyAreAtTheExchangesOwnSampler) {
  const Members members(three_members());
  Sampled sampled(frame_between(kStrangerMac, kStrangerMac, kPacket));
  Sample& sample = sampled.sample();
  sample.input = {.format = 0, .value = 3};
  sample.output = {.format = 0, .value = 1};
  EXPECT_EQ(ends_of(members, sample).sender, std::nullopt);
  sample.agent = *members.exchange().agent;
  EXPECT_EQ(ends_of(members, sample).sender, kC);
  EXPECT_EQ(ends_of(members, sample).receiver, kA);
  sample.output = {.format = 2, .value = 1};  // copies
  EXPECT_EQ(ends_of(members, sample).receiver, std::nullopt);
}

TEST(FrameEnds, NeedAnEthernetHeader) {
  const Members members(three_members());
  Sampled sampled(Octets{});
  const FrameEnds ends = ends_of(members, sampled.sample());
  EXPECT_EQ(ends.source, std::nullopt);
  EXPECT_EQ(ends.sender, std::nullopt);
}

}  // namespace
}  // namespace fabrix::telemetry
