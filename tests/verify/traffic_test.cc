#include "verify/traffic.h"

#include <gtest/gtest.h>

#include "net/packet.h"

namespace fabrix::verify {
namespace {

bool is(const PredicatePtr& predicate, const net::Packet& packet) {
  return policy::holds(*predicate, packet, {.sender = {}});
}

net::Packet packet(const char* text) {
  return net::parse_packet(text).value();
}

TEST(TrafficTest, TellsBgpAndBfd) {
  EXPECT_TRUE(is(is_bgp_or_bfd(), packet("tcp 172.0.0.1:4000 -> 172.0.0.2:179")));
  EXPECT_TRUE(is(is_bgp_or_bfd(), packet("tcp [2001:db8::1]:179 -> [2001:db8::2]:4000")));
  EXPECT_TRUE(is(is_bgp_or_bfd(), packet("udp 172.0.0.1:4000 -> 172.0.0.2:3784")));
  EXPECT_FALSE(is(is_bgp_or_bfd(), packet("udp 172.0.0.1:4000 -> 172.0.0.2:179")));
  EXPECT_FALSE(is(is_bgp_or_bfd(), packet("udp 172.0.0.1:3784 -> 172.0.0.2:4000")));
}

TEST(TrafficTest, TellsNeighbourFromHostDiscovery) {
  net::Packet icmp = packet("icmp6 fe80::1 -> 2001:db8::2");
  for (int type = 130; type < 140; ++type) {
    icmp.icmp_type = static_cast<std::uint8_t>(type);
    EXPECT_EQ(is(is_neighbor_discovery(), icmp), type == 135 || type == 136) << type;
    EXPECT_EQ(is(is_host_discovery(), icmp), type == 133 || type == 134 || type == 137) << type;
  }
  EXPECT_TRUE(is(is_from_link_local(), icmp));
  EXPECT_FALSE(is(is_from_link_local(), packet("icmp6 fec0::1 -> 2001:db8::2")));
}

TEST(TrafficTest, AVlanTagMakesItNoneOfThem) {
  net::Packet tagged = packet("tcp 172.0.0.1:4000 -> 172.0.0.2:179");
  tagged.vlan_id = 1;
  EXPECT_FALSE(is(is_ip(), tagged));
  EXPECT_FALSE(is(is_bgp_or_bfd(), tagged));
}

TEST(TrafficTest, PrefixesOfEveryLengthHoldWhatNetSaysTheyHold) {
  for (const char* text : {"140.0.1.77", "0.0.0.1", "2001:db8:1234:5678:9abc:def0:1234:5678"}) {
    const auto address = net::IpAddress::parse(text).value();
    net::Packet to;
    to.eth_type = address.family() == net::Family::kIpv4 ? net::kEthTypeIpv4 : net::kEthTypeIpv6;
    to.src_ip = net::IpAddress::unspecified(address.family());
    for (unsigned length = 0; length <= net::width_of(address.family()); ++length) {
      const auto prefix = net::Prefix::containing(address, length).value();
      const auto predicate = is_for(prefix);
      to.dst_ip = address;
      EXPECT_TRUE(is(predicate, to)) << prefix.to_string();
      to.dst_ip = net::IpAddress::unspecified(address.family());
      EXPECT_EQ(is(predicate, to), prefix.contains(to.dst_ip)) << prefix.to_string();
    }
  }
}

TEST(TrafficTest, GroupAddressesHaveTheirBitSet) {
  net::Packet frame;
  for (const std::uint64_t mac :
       {0x010000000000U, 0xffffffffffffU, 0x3333ff000001U, 0x02fab2000001U, 0x080027000001U}) {
    frame.dst_mac = net::MacAddress::from_u64(mac);
    EXPECT_EQ(is(to_group_mac(), frame), frame.dst_mac.is_multicast());
  }
}

}  // namespace
}  // namespace fabrix::verify
