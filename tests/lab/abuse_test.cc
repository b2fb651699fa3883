#include "lab/abuse.h"

#include <gtest/gtest.h>

#include "lab/abuse_frames.h"
#include "net/frame.h"
#include "tests/lab/cable.h"

namespace fabrix::lab {
namespace {

// A cable is a fabric that lets everything through.
class AbuseTest : public testing::CableWorld {
 protected:
  Abuse abuse(std::size_t times) const {
    net::Packet packet = *net::parse_packet("udp 192.0.2.1:9 -> 192.0.2.2:9");
    packet.src_mac = net::MacAddress::from_u64(0x020000000001);
    packet.dst_mac = net::MacAddress::from_u64(0x020000000002);
    net::Packet tagged = packet;
    tagged.vlan_id = 7;
    return {.from = left_,
            .interface = "e0",
            .frames = {net::build_frame(packet), net::build_frame(tagged)},
            .times = times,
            .others = {{.place = right_, .harmless = net::build_frame(packet)}}};
  }
};

TEST_F(AbuseTest, WhatComesOutElsewhereIsALeakWhateverItsMacAndTag) {
  const auto result = send_abuse(abuse(3));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->sent, 6U);
  using Leak = AbuseResult::Leak;
  EXPECT_EQ(result->leaks, (std::vector<Leak>{{.frame = 0, .at = "right", .times = 3},
                                              {.frame = 1, .at = "right", .times = 3}}));
}

TEST_F(AbuseTest, ThousandsInOneGoAreAllSeen) {
  const auto result = send_abuse(abuse(2000));
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->leaks.size(), 2U);
  EXPECT_EQ(result->leaks[0].times, 2000U);
  EXPECT_EQ(result->leaks[1].times, 2000U);
}

// Else nothing leaks where nothing goes through.
TEST_F(AbuseTest, WhoGetsNothingAtAllIsNoProof) {
  auto netlink = io::NetlinkSocket::open(right_.network_namespace).value();
  ASSERT_TRUE(io::set_link_down(netlink, "e0"));
  EXPECT_FALSE(send_abuse(abuse(1)));
}

TEST_F(AbuseTest, NoInterfaceIsAnError) {
  Abuse none = abuse(1);
  none.interface = "e9";
  const auto result = send_abuse(none);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("e9"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::lab
