#include "net/packet.h"

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

TEST(PacketTest, ReadsWhatItPrints) {
  for (const std::string_view text :
       {"tcp 100.0.0.1:40000 -> 140.0.0.1:80", "udp [2001:db8::1]:53 -> [2001:db8::2]:5353",
        "sctp 100.0.0.1:1 -> 140.0.0.1:0", "icmp 100.0.0.1 -> 140.0.0.1",
        "icmp6 2001:db8::1 -> 2001:db8::2", "ip 47 100.0.0.1 -> 140.0.0.1", "ip 6 ::1 -> ::2",
        "ip 58 100.0.0.1 -> 140.0.0.1"}) {
    SCOPED_TRACE(text);
    const auto packet = parse_packet(text);
    ASSERT_TRUE(packet) << packet.error().message;
    EXPECT_EQ(to_string(*packet), text);
    EXPECT_EQ(parse_packet(to_string(*packet)).value(), *packet);
  }
}

TEST(PacketTest, FillsInWhatPeopleLeaveOut) {
  const Packet packet = parse_packet("  tcp\t100.0.0.1->140.0.0.1 ").value();
  EXPECT_EQ(packet.eth_type, kEthTypeIpv4);
  EXPECT_EQ(packet.protocol, kProtocolTcp);
  EXPECT_EQ(packet.src_port, 40000);
  EXPECT_EQ(packet.dst_port, 0);
  EXPECT_EQ(packet.tcp_flags, 0x002);
  EXPECT_EQ(packet.in_port, PortNo{});
  EXPECT_EQ(packet.src_mac, MacAddress{});
  EXPECT_EQ(parse_packet("icmp 1.0.0.1 -> 1.0.0.2").value().icmp_type, 8);
  EXPECT_EQ(parse_packet("icmp6 ::1 -> ::2").value().icmp_type, 128);
  EXPECT_EQ(parse_packet("udp 2001:db8::1 -> [2001:db8::2]:53").value().dst_port, 53);
}

TEST(PacketTest, SaysWhatIsWrongWithText) {
  const struct {
    std::string_view text;
    std::string_view message;
  } cases[] = {
      {"", "expected '->' between source and destination"},
      {"-> 1.0.0.1", "expected a protocol and a source before '->'"},
      {"tcp 1.0.0.1 ->", "expected one destination after '->'"},
      {"tcp 1.0.0.1 -> 1.0.0.2 x", "expected one destination after '->'"},
      {"1.0.0.1 -> 1.0.0.2",
       "expected tcp, udp, sctp, icmp, icmp6 or ip PROTOCOL before the source"},
      {"TCP 1.0.0.1 -> 1.0.0.2",
       "expected tcp, udp, sctp, icmp, icmp6 or ip PROTOCOL before the source"},
      {"ip 256 1.0.0.1 -> 1.0.0.2", "'256' is no protocol (0 to 255)"},
      {"tcp 1.0.0 -> 1.0.0.2", "'1.0.0' is no IPv4 or IPv6 address"},
      {"tcp 1.0.0.1:65536 -> 1.0.0.2", "'65536' is no port (0 to 65535)"},
      {"tcp 1.0.0.1: -> 1.0.0.2", "'' is no port (0 to 65535)"},
      {"tcp [::1 -> ::2", "'[::1' lacks a ']'"},
      {"tcp [::1]80 -> ::2", "expected ':' after '[::1]'"},
      {"tcp 1.0.0.1 -> ::2", "both addresses must be of one family"},
      {"icmp 1.0.0.1:1 -> 1.0.0.2", "icmp has no ports"},
      {"ip 6 1.0.0.1 -> 1.0.0.2:80", "ip has no ports"},
      {"icmp ::1 -> ::2", "icmp needs IPv4 addresses; write icmp6"},
      {"icmp6 1.0.0.1 -> 1.0.0.2", "icmp6 needs IPv6 addresses; write icmp"},
  };
  for (const auto& [text, message] : cases) {
    SCOPED_TRACE(text);
    const auto packet = parse_packet(text);
    ASSERT_FALSE(packet);
    EXPECT_EQ(packet.error().message, message);
  }
}

TEST(PacketTest, PrintsFramesThatCarryNoIp) {
  Packet packet;
  packet.eth_type = kEthTypeArp;
  packet.dst_ip = IpAddress::v4({100, 0, 0, 1});
  EXPECT_EQ(to_string(packet), "arp 0.0.0.0 -> 100.0.0.1");
  packet.eth_type = 0x88cc;
  packet.dst_mac = MacAddress::broadcast();
  EXPECT_EQ(to_string(packet), "ethertype 0x88cc 00:00:00:00:00:00 -> ff:ff:ff:ff:ff:ff");
}

}  // namespace
}  // namespace fabrix::net
