// Packet: the headers of one frame as values: what a rule can see of it.
//
// It is what the reference evaluator, the simulated fabric and `fabrix trace` pass around.
// net/frame.h translates from and to octets. A regular value type.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/field.h"
#include "net/ids.h"
#include "net/ip_address.h"
#include "net/mac_address.h"

namespace fabrix::net {

// A tag with a priority alone has 0 for its VLAN (IEEE 802.1Q). It is a tag all the same, and not
// to be taken for none: it reads as an id that the standard reserves.
inline constexpr std::uint16_t kPriorityTagged = 0xfff;

struct Packet {
  PortNo in_port;  // where it entered the fabric; 0 = nowhere yet
  MacAddress src_mac;
  MacAddress dst_mac;
  std::uint16_t eth_type = 0;
  std::uint16_t vlan_id = 0;  // 0 = untagged; kPriorityTagged: a tag that says 0
  std::uint8_t vlan_pcp = 0;
  // Both of the family eth_type says; 0.0.0.0 when there is no IP header. In ARP: the protocol
  // addresses.
  IpAddress src_ip = IpAddress::unspecified(Family::kIpv4);
  IpAddress dst_ip = IpAddress::unspecified(Family::kIpv4);
  std::uint8_t protocol = 0;
  std::uint8_t dscp = 0;
  std::uint16_t src_port = 0;  // 0 also in the later fragments of a datagram
  std::uint16_t dst_port = 0;
  std::uint16_t tcp_flags = 0;
  std::uint8_t icmp_type = 0;
  std::uint8_t icmp_code = 0;
  MacAddress arp_sender_mac;
  IpAddress nd_target = IpAddress::unspecified(Family::kIpv6);
  // In no header: what the fabric hashes the packet to, where it enters (net/flow_hash.h).
  std::array<std::uint8_t, kBucketFieldCount> buckets{};

  friend bool operator==(const Packet&, const Packet&) = default;
};

// Parses what people write for a packet: "tcp 100.0.0.1:40000 -> 140.0.0.1:80", "udp
// [2001:db8::1]:53
// -> [2001:db8::2]:53", "icmp 100.0.0.1 -> 140.0.0.1", "icmp6 ...", "ip PROTO SRC -> DST". Ports
// may be left out (tcp, udp, sctp): 40000 -> 0. Both addresses of one family. MACs and in_port stay
// empty. icmp means an echo request (type 8), icmp6 type 128; a tcp packet carries SYN. Its buckets
// are those of net/flow_hash.h.
Result<Packet> parse_packet(std::string_view text);

// The inverse, for messages and witnesses: "tcp 100.0.0.1:40000 -> 140.0.0.1:80".
std::string to_string(const Packet& packet);

}  // namespace fabrix::net
