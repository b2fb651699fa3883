#include "verify/traffic.h"

#include <utility>
#include <vector>

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

TEST(TrafficTest, TellsWhatNoPortLetsIn) {
  const std::vector<net::Prefix> lan{*net::Prefix::parse("172.0.0.0/16")};
  EXPECT_TRUE(is(is_dhcp_on(lan), packet("udp 0.0.0.0:68 -> 172.0.0.9:67")));
  EXPECT_TRUE(is(is_dhcp_on(lan), packet("udp [fe80::1]:547 -> [fe80::2]:546")));
  EXPECT_FALSE(is(is_dhcp_on(lan), packet("udp 100.0.0.1:68 -> 140.0.0.1:67")));
  EXPECT_FALSE(is(is_dhcp_on(lan), packet("tcp 100.0.0.1:68 -> 172.0.0.9:67")));
  net::Packet group = packet("udp 0.0.0.0:68 -> 255.255.255.255:67");
  group.dst_mac = net::MacAddress::broadcast();
  EXPECT_TRUE(is(is_dhcp_on(lan), group));
  net::Packet control;
  for (const unsigned long long mac : {0x0180c2000000ULL, 0x0180c200000eULL, 0x01000cccccccULL}) {
    control.dst_mac = net::MacAddress::from_u64(mac);
    EXPECT_TRUE(is(to_link_control(), control));
  }
  control.dst_mac = net::MacAddress::broadcast();
  EXPECT_FALSE(is(to_link_control(), control));
}

TEST(TrafficTest, NeighbourDiscoverySpeaksForOwnAddresses) {
  const std::vector<net::IpAddress> own{*net::IpAddress::parse("2001:db8::1")};
  net::Packet asks = packet("icmp6 2001:db8::1 -> ff02::1");
  asks.icmp_type = 135;
  asks.nd_target = *net::IpAddress::parse("2001:db8::9");
  EXPECT_TRUE(is(is_discovery_of(own), asks));
  for (const auto& [source, right] :
       {std::pair{"fe80::1", true}, std::pair{"::", true}, std::pair{"2001:db8::9", false}}) {
    asks.src_ip = *net::IpAddress::parse(source);
    EXPECT_EQ(is(is_discovery_of(own), asks), right) << source;
  }
  net::Packet tells = packet("icmp6 2001:db8::1 -> 2001:db8::9");
  tells.icmp_type = 136;
  for (const auto& [target, right] : {std::pair{"2001:db8::1", true}, std::pair{"fe80::1", true},
                                      std::pair{"2001:db8::9", false}}) {
    tells.nd_target = *net::IpAddress::parse(target);
    EXPECT_EQ(is(is_discovery_of(own), tells), right) << target;
  }
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
