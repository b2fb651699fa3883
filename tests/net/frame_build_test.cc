#include <random>

#include <gtest/gtest.h>

#include "net/checksum.h"
#include "net/frame.h"
#include "tests/net/octets.h"

namespace fabrix::net {
namespace {

using Octets = std::vector<std::byte>;

const MacAddress kMacA({0x08, 0x00, 0x27, 0x89, 0x3b, 0x9f});
const MacAddress kMacB({0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f});

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}

Octets padded(Octets octets) {
  octets.resize(std::max<std::size_t>(octets.size(), 60));
  return octets;
}

// What a receiver computes over the transport header and its pseudo header: 0 if all is well.
std::uint16_t verify_transport(const Octets& frame, const Packet& packet) {
  const bool ipv4 = packet.eth_type == kEthTypeIpv4;
  const std::size_t size = std::to_integer<std::size_t>(frame[ipv4 ? 16 : 18]) << 8U |
                           std::to_integer<std::size_t>(frame[ipv4 ? 17 : 19]);
  const std::size_t start = ipv4 ? 34 : 54;
  const std::size_t length = ipv4 ? size - 20 : size;
  Octets covered;
  for (const IpAddress* const one : {&packet.src_ip, &packet.dst_ip}) {
    for (const std::uint8_t octet : one->octets()) covered.push_back(std::byte{octet});
  }
  covered.insert(covered.end(),
                 {std::byte{0}, std::byte{packet.protocol}, static_cast<std::byte>(length >> 8U),
                  static_cast<std::byte>(length & 0xffU)});
  const auto segment = std::span(frame).subspan(start, length);
  covered.insert(covered.end(), segment.begin(), segment.end());
  return internet_checksum(covered);
}

// A packet that a frame can hold: fields of the headers it has, nothing in the others.
Packet random_packet(std::mt19937_64& random) {
  static constexpr std::array<std::string_view, 6> kTexts{"tcp 100.0.0.1 -> 140.0.0.1",
                                                          "udp [2001:db8::1]:1 -> [2001:db8::2]:2",
                                                          "sctp 100.0.0.1 -> 140.0.0.1",
                                                          "icmp 1.0.0.1 -> 1.0.0.2",
                                                          "icmp6 ::1 -> ::2",
                                                          "ip 47 1.0.0.1 -> 1.0.0.2"};
  Packet packet = parse_packet(kTexts.at(random() % kTexts.size())).value();
  packet.buckets = {};  // no part of a frame
  packet.src_mac = MacAddress::from_u64(random());
  packet.dst_mac = MacAddress::from_u64(random());
  packet.dscp = random() % 64;
  if (random() % 2 == 0) set_value(packet, Field::kVlanId, random() % 4096);
  if (random() % 2 == 0) set_value(packet, Field::kVlanPcp, random() % 8);
  if (packet.vlan_pcp != 0 && packet.vlan_id == 0) packet.vlan_id = kPriorityTagged;
  const bool ipv6 = packet.eth_type == kEthTypeIpv6;
  set_value(packet, ipv6 ? Field::kSrcIp6Low : Field::kSrcIp4, random() & 0xffffffffU);
  if (packet.protocol == kProtocolTcp) {
    set_value(packet, Field::kTcpFlags, random() & 0xfffU);
    set_value(packet, Field::kSrcPort, random() & 0xffffU);
  }
  if (packet.icmp_type != 0) {
    set_value(packet, Field::kIcmpType, random() & 0xffU);
  }
  if (packet.icmp_type == 135 && ipv6) set_value(packet, Field::kNdTargetHigh, random());
  return packet;
}

TEST(FrameBuildTest, WhatIsBuiltReadsBack) {
  std::mt19937_64 random(20240610);
  for (int i = 0; i < 5000; ++i) {
    const Packet packet = random_packet(random);
    const Octets payload(packet.protocol == kProtocolUdp ? random() % 100 : 0, std::byte{0x5a});
    const Octets frame = build_frame(packet, payload);
    ASSERT_GE(frame.size(), 60U);
    ASSERT_EQ(parse_frame(frame), packet) << to_string(packet);
  }
}

TEST(FrameBuildTest, ReceiversAcceptTheChecksums) {
  for (const std::string_view text :
       {"tcp 100.0.0.1 -> 140.0.0.1:80", "udp 100.0.0.1 -> 140.0.0.1:53", "tcp ::1 -> ::2",
        "udp ::1 -> ::2", "icmp6 ::1 -> ::2"}) {
    SCOPED_TRACE(text);
    const Packet packet = parse_packet(text).value();
    const Octets payload(packet.protocol == kProtocolIcmpv6 ? 0 : 33, std::byte{0xa5});
    const Octets frame = build_frame(packet, payload);
    EXPECT_EQ(verify_transport(frame, packet), 0);
    if (packet.eth_type == kEthTypeIpv4) {
      EXPECT_EQ(internet_checksum(std::span(frame).subspan(14, 20)), 0);
    }
  }
  const Octets echo = build_frame(parse_packet("icmp 1.0.0.1 -> 1.0.0.2").value());
  EXPECT_EQ(internet_checksum(std::span(echo).subspan(34, 8)), 0);
}

TEST(FrameBuildTest, BuildsArpAsRfc826DrawsIt) {
  EXPECT_EQ(build_arp_request(kMacA, address("172.0.0.1"), address("172.0.0.2")),
            padded(from_hex("ffffffffffff 080027893b9f 0806 0001 0800 06 04 0001"
                            "080027893b9f ac000001 000000000000 ac000002")));
  EXPECT_EQ(build_arp_reply(kMacA, address("172.0.0.1"), kMacB, address("172.0.0.2")),
            padded(from_hex("0a0b0c0d0e0f 080027893b9f 0806 0001 0800 06 04 0002"
                            "080027893b9f ac000001 0a0b0c0d0e0f ac000002")));
}

TEST(FrameBuildTest, ASolicitationGoesToTheSolicitedNodeGroup) {
  const Octets frame =
      build_neighbor_solicitation(kMacA, address("2001:db8::1"), address("2001:db8::aabb:ccdd"));
  const Packet packet = parse_frame(frame).value();
  EXPECT_EQ(packet.dst_mac.to_string(), "33:33:ff:bb:cc:dd");
  EXPECT_EQ(packet.dst_ip, address("ff02::1:ffbb:ccdd"));
  EXPECT_EQ(packet.nd_target, address("2001:db8::aabb:ccdd"));
  EXPECT_EQ(frame[21], std::byte{255}) << "RFC 4861 §7.1.1";
  EXPECT_EQ(verify_transport(frame, packet), 0);
  EXPECT_EQ(Octets(frame.end() - 8, frame.end()), from_hex("0101 080027893b9f"));
}

TEST(FrameBuildTest, ASolicitationFromNobodyHasNoOption) {
  const Octets frame = build_neighbor_solicitation(kMacA, address("::"), address("2001:db8::1"));
  EXPECT_EQ(frame.size(), 14U + 40 + 24);
}

TEST(FrameBuildTest, AnAdvertisementAnswersTheSolicitor) {
  const Octets frame =
      build_neighbor_advertisement(kMacA, address("2001:db8::1"), kMacB, address("2001:db8::2"));
  const Packet packet = parse_frame(frame).value();
  EXPECT_EQ(packet.dst_mac, kMacB);
  EXPECT_EQ(packet.dst_ip, address("2001:db8::2"));
  EXPECT_EQ(packet.icmp_type, 136);
  EXPECT_EQ(packet.nd_target, address("2001:db8::1"));
  EXPECT_EQ(verify_transport(frame, packet), 0);
  EXPECT_EQ(Octets(frame.begin() + 58, frame.begin() + 62), from_hex("60000000"));
  EXPECT_EQ(Octets(frame.end() - 8, frame.end()), from_hex("0201 080027893b9f"));
}

TEST(FrameBuildTest, AnAdvertisementToNobodyGoesToAllNodes) {
  const Octets frame =
      build_neighbor_advertisement(kMacA, address("2001:db8::1"), kMacB, address("::"));
  const Packet packet = parse_frame(frame).value();
  EXPECT_EQ(packet.dst_mac.to_string(), "33:33:00:00:00:01");
  EXPECT_EQ(packet.dst_ip, address("ff02::1"));
  EXPECT_EQ(Octets(frame.begin() + 58, frame.begin() + 62), from_hex("20000000"));
}

}  // namespace
}  // namespace fabrix::net
