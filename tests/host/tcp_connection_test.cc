#include "host/tcp_connection.h"

#include <gtest/gtest.h>

#include "sflow/record.h"

namespace fabrix::host {
namespace {

using sflow::HeaderProtocol;

std::vector<std::byte> octets(std::initializer_list<int> values) {
  std::vector<std::byte> all;
  for (const int value : values) all.push_back(static_cast<std::byte>(value));
  return all;
}

net::IpAddress ip(const char* text) {
  return net::IpAddress::parse(text).value();
}

// RFC 791, RFC 9293: 192.0.2.1:0x1234 to 192.0.2.2:80, without payload.
std::vector<std::byte> packet_v4(int protocol = 6) {
  return octets({0x45, 0, 0,   40, 0,    0,    0x40, 0,    64, protocol, 0, 0, 192, 0,
                 2,    1, 192, 0,  2,    2,    0x12, 0x34, 0,  80,       0, 0, 0,   1,
                 0,    0, 0,   2,  0x50, 0x10, 1,    0,    0,  0,        0, 0});
}

std::vector<std::byte> in_ethernet(const std::vector<std::byte>& packet) {
  auto frame = octets({2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0});
  frame.insert(frame.end(), packet.begin(), packet.end());
  return frame;
}

TEST(TcpConnectionTest, IsSeenFromThisHost) {
  const auto frame = in_ethernet(packet_v4());
  const TcpConnection sent{ip("192.0.2.1"), ip("192.0.2.2"), 0x1234, 80};
  const TcpConnection received{ip("192.0.2.2"), ip("192.0.2.1"), 80, 0x1234};
  EXPECT_EQ(connection_of(HeaderProtocol::kEthernet, frame, Way::kSent), sent);
  EXPECT_EQ(connection_of(HeaderProtocol::kEthernet, frame, Way::kReceived), received);
  EXPECT_EQ(connection_of(HeaderProtocol::kIpv4, packet_v4(), Way::kSent), sent);
}

TEST(TcpConnectionTest, IsOfIpv6Too) {
  auto packet =
      octets({0x60, 0, 0, 0, 0,    20, 6,   64,   0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
              0,    0, 0, 1, 0x20, 1,  0xd, 0xb8, 0,    0, 0,   0,    0, 0, 0, 0, 0, 0, 0, 2});
  const auto tcp = packet_v4();
  packet.insert(packet.end(), tcp.begin() + 20, tcp.end());
  EXPECT_EQ(connection_of(HeaderProtocol::kIpv6, packet, Way::kSent),
            (TcpConnection{ip("2001:db8::1"), ip("2001:db8::2"), 0x1234, 80}));
}

TEST(TcpConnectionTest, IsNoneOfOtherPackets) {
  EXPECT_FALSE(connection_of(HeaderProtocol::kIpv4, packet_v4(17), Way::kSent));
  EXPECT_FALSE(connection_of(HeaderProtocol::kEthernet, {}, Way::kSent));
  // A tunnel's: RFC 2003.
  auto tunnel = packet_v4(4);
  tunnel.resize(20);
  const auto inner = packet_v4();
  tunnel.insert(tunnel.end(), inner.begin(), inner.end());
  tunnel[3] = std::byte{60};
  EXPECT_FALSE(connection_of(HeaderProtocol::kIpv4, tunnel, Way::kSent));
  const auto whole = packet_v4();
  for (std::size_t size = 0; size < 24; ++size) {
    EXPECT_FALSE(connection_of(HeaderProtocol::kIpv4, std::span(whole).first(size), Way::kSent));
  }
}

TEST(TcpConnectionTest, ACollectorReadsItsState) {
  const auto record = tcp_record({.send_mss = 1448,
                                  .receive_mss = 536,
                                  .unacknowledged = 3,
                                  .lost = 4,
                                  .retransmitted = 5,
                                  .path_mtu = 1500,
                                  .rtt_us = 700,
                                  .rtt_variance_us = 80,
                                  .congestion_window = 9,
                                  .reordering = 10,
                                  .least_rtt_us = 110},
                                 Way::kSent);
  const auto& schema = *sflow::find_flow_schema(record.tag);
  std::vector<std::uint64_t> values;
  sflow::FieldCursor fields(schema, record.octets);
  while (const auto field = fields.next()) values.push_back(std::get<std::uint64_t>(field->value));
  EXPECT_EQ(schema.name, "tcp_info");
  EXPECT_EQ(values, (std::vector<std::uint64_t>{2, 1448, 536, 3, 4, 5, 1500, 700, 80, 9, 10, 110}));
}

}  // namespace
}  // namespace fabrix::host
