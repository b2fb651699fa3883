#include "net/frame.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/net/octets.h"

namespace fabrix::net {
namespace {

const std::string kMacs = "0a0b0c0d0e0f 080027893b9f ";
const std::string kIpv4Tcp = "0800 4500 0028 0000 4000 40 06 0000 64000001 8c000001 ";
const std::string kSyn = "9c40 0050 00000000 00000000 5002 ffff 0000 0000";
const std::string kIpv6From1To2 =
    "20010db8000000000000000000000001 20010db8000000000000000000000002 ";

Packet parse(const std::string& hex) {
  return parse_frame(from_hex(hex)).value();
}

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

TEST(FrameTest, ReadsTcpOverIpv4) {
  const Packet packet = parse(kMacs + kIpv4Tcp + kSyn);
  EXPECT_EQ(packet.dst_mac.to_string(), "0a:0b:0c:0d:0e:0f");
  EXPECT_EQ(packet.src_mac.to_string(), "08:00:27:89:3b:9f");
  EXPECT_EQ(packet.tcp_flags, 0x002);
  EXPECT_EQ(packet.vlan_id, 0);
  EXPECT_EQ(to_string(packet), "tcp 100.0.0.1:40000 -> 140.0.0.1:80");
}

TEST(FrameTest, ReadsOneVlanTagAndStopsAtASecond) {
  const Packet tagged = parse(kMacs + "8100 a064" + kIpv4Tcp + kSyn);
  EXPECT_EQ(tagged.vlan_pcp, 5);
  EXPECT_EQ(tagged.vlan_id, 100);
  EXPECT_EQ(tagged.dst_port, 80);
  const Packet twice = parse(kMacs + "8100 0064 8100 00c8" + kIpv4Tcp + kSyn);
  EXPECT_EQ(twice.vlan_id, 100);
  EXPECT_EQ(twice.eth_type, 0x8100);
  EXPECT_EQ(twice.protocol, 0);
}

// IEEE 802.1Q 9.6: a tag for its priority, and a provider's, are tags too.
TEST(FrameTest, ATagWithoutAVlanIsNotNoTag) {
  for (const char* const tag : {"8100 0000", "8100 e000", "88a8 0000"}) {
    const Packet tagged = parse(kMacs + tag + kIpv4Tcp + kSyn);
    EXPECT_EQ(tagged.vlan_id, kPriorityTagged) << tag;
    EXPECT_EQ(tagged.dst_port, 80) << tag;
  }
  EXPECT_EQ(parse(kMacs + "88a8 0007" + kIpv4Tcp + kSyn).vlan_id, 7);
}

TEST(FrameTest, ReadsTheTrafficClassAndSkipsOptions) {
  const Packet packet = parse(
      kMacs + "0800 46b8 0024 0000 0000 40 11 0000 64000001 8c000001 01010101 0035 1234 000c 0000");
  EXPECT_EQ(packet.dscp, 46);
  EXPECT_EQ(packet.src_port, 53);
  EXPECT_EQ(packet.dst_port, 0x1234);
}

TEST(FrameTest, LaterFragmentsHaveNoPorts) {
  const Packet packet =
      parse(kMacs + "0800 4500 0028 0000 0001 40 06 0000 64000001 8c000001" + kSyn);
  EXPECT_EQ(packet.protocol, kProtocolTcp);
  EXPECT_EQ(packet.src_port, 0);
  EXPECT_EQ(packet.tcp_flags, 0);
}

TEST(FrameTest, PaddingIsNoHeader) {
  const Packet packet =
      parse(kMacs + "0800 4500 0014 0000 0000 40 06 0000 64000001 8c000001" + kSyn);
  EXPECT_EQ(packet.protocol, kProtocolTcp);
  EXPECT_EQ(packet.dst_port, 0);
}

TEST(FrameTest, AMalformedIpHeaderLeavesItsFieldsEmpty) {
  for (const std::string header :
       {"0800 5500 0028", "0800 4400 0028", "0800 4500 0013", "0800 4f00 0028"}) {
    SCOPED_TRACE(header);
    const Packet packet = parse(kMacs + header + "0000 4000 40 06 0000 64000001 8c000001");
    EXPECT_EQ(packet.eth_type, kEthTypeIpv4);
    EXPECT_EQ(packet.protocol, 0);
    EXPECT_EQ(packet.src_ip, IpAddress::unspecified(Family::kIpv4));
  }
}

TEST(FrameTest, ReadsPastIpv6ExtensionHeaders) {
  const Packet packet = parse(kMacs + "86dd 6b800000 003c 00 40" + kIpv6From1To2 +
                              "2b00000000000000"                                    // hop by hop
                              "3300000000000000"                                    // routing
                              "0604000000000000 0000000000000000 0000000000000000"  // AH
                              + kSyn);
  EXPECT_EQ(packet.dscp, 46);
  EXPECT_EQ(to_string(packet), "tcp [2001:db8::1]:40000 -> [2001:db8::2]:80");
  EXPECT_EQ(packet.tcp_flags, 0x002);
}

TEST(FrameTest, GivesUpAfterEightExtensionHeaders) {
  std::string eight;
  for (int i = 0; i < 7; ++i) eight += "3c00000000000000";
  const std::string last = "0600000000000000";
  const std::string start = kMacs + "86dd 60000000 0060 3c 40" + kIpv6From1To2;
  EXPECT_EQ(parse(start + eight + last + kSyn).dst_port, 80);
  const Packet nine = parse(start + eight + "3c00000000000000" + last + kSyn);
  EXPECT_EQ(nine.protocol, 60);
  EXPECT_EQ(nine.dst_port, 0);
}

TEST(FrameTest, LaterIpv6FragmentsKeepTheirProtocol) {
  const std::string start = kMacs + "86dd 60000000 0010 2c 40" + kIpv6From1To2;
  const Packet later = parse(start + "1100 0009 00000001 0035003500080000");
  EXPECT_EQ(later.protocol, kProtocolUdp);
  EXPECT_EQ(later.src_port, 0);
  EXPECT_EQ(parse(start + "1100 0001 00000001 0035003500080000").src_port, 53);
}

TEST(FrameTest, ReadsNeighborDiscovery) {
  const Packet packet = parse(kMacs + "86dd 60000000 0018 3a ff" + kIpv6From1To2 +
                              "87000000 00000000 fe800000000000000000000000000001");
  EXPECT_EQ(packet.icmp_type, 135);
  EXPECT_EQ(packet.nd_target, address("fe80::1"));
}

TEST(FrameTest, ReadsArp) {
  const Packet packet =
      parse(kMacs + "0806 0001 0800 06 04 0002 080027893b9f 64000001 0a0b0c0d0e0f 8c000001");
  EXPECT_EQ(packet.protocol, 2);
  EXPECT_EQ(packet.arp_sender_mac.to_string(), "08:00:27:89:3b:9f");
  EXPECT_EQ(to_string(packet), "arp 100.0.0.1 -> 140.0.0.1");
  const Packet other =
      parse(kMacs + "0806 0006 0800 06 04 0002 080027893b9f 64000001 0a0b0c0d0e0f 8c000001");
  EXPECT_EQ(other.protocol, 0) << "not Ethernet's ARP";
}

TEST(FrameTest, NeighborDiscoveryHasNoOtherCode) {
  const Packet packet = parse(kMacs + "86dd 60000000 0018 3a ff" + kIpv6From1To2 +
                              "87010000 00000000 fe800000000000000000000000000001");
  EXPECT_EQ(packet.icmp_code, 1) << "RFC 4861 §7.1.1: a solicitation with a code is none";
  EXPECT_EQ(packet.nd_target, Packet{}.nd_target);
}

TEST(FrameTest, IcmpBelongsToItsOwnVersionOfIp) {
  const std::string echo = "0800 0000 0000 0000";
  const Packet over_ipv6 = parse(kMacs + "86dd 60000000 0008 01 40" + kIpv6From1To2 + echo);
  EXPECT_EQ(over_ipv6.protocol, kProtocolIcmp);
  EXPECT_EQ(over_ipv6.icmp_type, 0);
  const Packet over_ipv4 =
      parse(kMacs + "0800 4500 001c 0000 0000 40 3a 0000 64000001 8c000001" + echo);
  EXPECT_EQ(over_ipv4.protocol, kProtocolIcmpv6);
  EXPECT_EQ(over_ipv4.icmp_type, 0);
}

// RFC 6275, RFC 7401 and RFC 5533 give their headers the layout of RFC 6564.
TEST(FrameTest, ReadsPastMobilityHostIdentityAndShim6Headers) {
  const Packet packet = parse(kMacs + "86dd 60000000 002c 87 40" + kIpv6From1To2 +
                              "8b00000000000000 8c00000000000000 0600000000000000" + kSyn);
  EXPECT_EQ(packet.protocol, kProtocolTcp);
  EXPECT_EQ(packet.dst_port, 80);
}

TEST(FrameTest, AnExtensionHeaderCutShortIsWhereReadingEnds) {
  // It says that it has 16 octets, and 8 are there.
  const Packet packet =
      parse(kMacs + "86dd 60000000 0008 3c 40" + kIpv6From1To2 + "0601000000000000");
  EXPECT_EQ(packet.protocol, 60);
  EXPECT_EQ(packet.src_ip, address("2001:db8::1"));
  EXPECT_EQ(packet.dst_port, 0);
}

TEST(FrameTest, AMalformedIpv6HeaderLeavesItsFieldsEmpty) {
  const Packet wrong_version = parse(kMacs + "86dd 50000000 0014 06 40" + kIpv6From1To2 + kSyn);
  EXPECT_EQ(wrong_version.protocol, 0);
  EXPECT_EQ(wrong_version.dst_port, 0);
  const Packet cut_short = parse(kMacs + "86dd 60000000 0014 06 40 20010db8");
  EXPECT_EQ(cut_short.eth_type, kEthTypeIpv6);
  EXPECT_EQ(cut_short.protocol, 0);
}

TEST(FrameTest, ArpOfAnotherKindLeavesItsFieldsEmpty) {
  const std::string addresses = "080027893b9f 64000001 0a0b0c0d0e0f 8c000001";
  const std::string whole = "0001 0800 06 04 0002" + addresses;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"of another protocol", "0001 86dd 06 04 0002" + addresses},
      {"with addresses of other sizes", "0001 0800 06 10 0002" + addresses},
      {"with an operation that no field holds", "0001 0800 06 04 0102" + addresses},
      {"cut short", whole.substr(0, whole.size() - 2)},
  };
  for (const auto& [name, body] : cases) {
    SCOPED_TRACE(name);
    const Packet packet = parse(std::string(kMacs).append("0806").append(body));
    EXPECT_EQ(packet.eth_type, kEthTypeArp);
    EXPECT_EQ(packet.protocol, 0);
    EXPECT_EQ(packet.src_ip, Packet{}.src_ip);
  }
}

TEST(FrameTest, EveryTruncationIsReadOrRefused) {
  const auto frame = from_hex(kMacs + "8100 0064" + kIpv4Tcp + kSyn);
  const Packet whole = parse_frame(frame).value();
  for (std::size_t size = 0; size < frame.size(); ++size) {
    SCOPED_TRACE(size);
    const auto packet = parse_frame(std::span(frame).first(size));
    ASSERT_EQ(packet.has_value(), size >= 14);
    if (!packet) continue;
    EXPECT_EQ(packet->src_mac, whole.src_mac);
    EXPECT_EQ(packet->vlan_id, size >= 18 ? 100 : 0);
    EXPECT_EQ(packet->protocol, size >= 38 ? kProtocolTcp : 0);
    EXPECT_EQ(packet->dst_port, 0) << "a TCP header of fewer than 20 octets has no ports";
  }
}

}  // namespace
}  // namespace fabrix::net
