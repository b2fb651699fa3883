#include "fabric/port_tags.h"

#include <gtest/gtest.h>

#include "net/frame.h"

namespace fabrix::fabric {
namespace {

constexpr net::PortNo kTagged{1};
constexpr net::PortNo kPlain{2};
const PortTags kTags{{kTagged, 100}};

net::Packet packet_from(net::PortNo port, std::uint16_t vlan, std::uint8_t priority = 0) {
  net::Packet packet = net::parse_packet("tcp 100.0.0.1:40000 -> 140.0.0.1:80").value();
  packet.in_port = port;
  packet.vlan_id = vlan;
  packet.vlan_pcp = priority;
  return packet;
}

TEST(PortTagsTest, TakesThePortsOwnTagOffWhateverItsPriority) {
  EXPECT_EQ(as_admitted(kTags, packet_from(kTagged, 100)), packet_from(kTagged, 0));
  EXPECT_EQ(as_admitted(kTags, packet_from(kTagged, 100, 5)), packet_from(kTagged, 0));
}

TEST(PortTagsTest, ATaggedPortWithoutItsTagIsAsAPlainOneWithSome) {
  EXPECT_NE(as_admitted(kTags, packet_from(kTagged, 0)).vlan_id, 0);
  EXPECT_NE(as_admitted(kTags, packet_from(kTagged, 7)).vlan_id, 0);
  EXPECT_NE(as_admitted(kTags, packet_from(kTagged, net::kPriorityTagged, 3)).vlan_id, 0);
}

TEST(PortTagsTest, OtherPortsFramesAreAsTheyAre) {
  EXPECT_EQ(as_admitted(kTags, packet_from(kPlain, 100)), packet_from(kPlain, 100));
  EXPECT_EQ(as_admitted({}, packet_from(kTagged, 0)), packet_from(kTagged, 0));
  EXPECT_EQ(as_sent(kTags, kPlain, packet_from(kTagged, 0)).vlan_id, 0);
  EXPECT_EQ(as_sent(kTags, kTagged, packet_from(kPlain, 0)).vlan_id, 100);
}

TEST(PortTagsTest, Ieee8021Q_9_6_ATagIsBehindTheAddresses) {
  const std::vector<std::byte> payload(20);
  const auto plain = net::build_frame(packet_from(kPlain, 0), payload);
  EXPECT_EQ(with_tag(plain, 100), net::build_frame(packet_from(kPlain, 100), payload));
  EXPECT_EQ(with_tag(plain, 0), plain);
  const std::vector<std::byte> runt(11);
  EXPECT_EQ(with_tag(runt, 100), runt);
}

}  // namespace
}  // namespace fabrix::fabric
