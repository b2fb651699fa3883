// Frames for tests: those of net/frame.h, and tunnels around them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "net/frame.h"
#include "sflow/xdr.h"

namespace fabrix::sflow {

using Octets = std::vector<std::byte>;

inline Octets octets(std::initializer_list<int> values) {
  Octets result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

inline Octets operator+(Octets left, Bytes right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// A frame with what net::parse_packet() reads: "tcp 192.0.2.1:1 -> 192.0.2.2:80".
inline Octets frame(std::string_view packet, Bytes payload = {}) {
  net::Packet parsed = net::parse_packet(packet).value();
  parsed.src_mac = net::MacAddress({2, 0, 0, 0, 0, 1});
  parsed.dst_mac = net::MacAddress({2, 0, 0, 0, 0, 2});
  return net::build_frame(parsed, payload);
}

// An Ethernet header of that type.
inline Octets ethernet(int type) {
  return octets({2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, type >> 8, type & 0xff});
}

// An IPv4 header of that protocol and total length, 192.0.2.1 -> 192.0.2.2, TTL 64.
inline Octets ipv4(int protocol, std::size_t payload) {
  const int length = static_cast<int>(payload) + 20;
  return octets({0x45, 0, length >> 8, length & 0xff, 0, 1, 0, 0, 64, protocol, 0, 0, 192,
                 0,    2, 1,           192,           0, 2, 2});
}

// An IPv6 header of that next header, 2001:db8::1 -> 2001:db8::2, hop limit 64.
inline Octets ipv6(int next, std::size_t payload) {
  const int length = static_cast<int>(payload);
  return octets({0x60, 0,  0,    0,    length >> 8, length & 0xff,
                 next, 64, 0x20, 1,    0xd,         0xb8,
                 0,    0,  0,    0,    0,           0,
                 0,    0,  0,    0,    0,           1,
                 0x20, 1,  0xd,  0xb8, 0,           0,
                 0,    0,  0,    0,    0,           0,
                 0,    0,  0,    2});
}

inline Octets udp(int source, int destination, Bytes payload) {
  const int length = static_cast<int>(payload.size()) + 8;
  return octets({source >> 8, source & 0xff, destination >> 8, destination & 0xff, length >> 8,
                 length & 0xff, 0, 0}) +
         payload;
}

// As on the wire: RFC 7348 §5.
inline Octets vxlan(int vni, Bytes inner) {
  const Octets inside = octets({8, 0, 0, 0, vni >> 16, vni >> 8 & 0xff, vni & 0xff, 0}) + inner;
  const Octets transport = udp(50000, 4789, inside);
  return ethernet(0x0800) + ipv4(17, transport.size()) + transport;
}

}  // namespace fabrix::sflow
