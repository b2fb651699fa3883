// Field: a number in a packet's headers that policies, rules and diagrams can test.
//
// Each field is an unsigned integer of at most 64 bits; an IPv6 address is two of them. A packet
// that lacks a header has 0 in its fields, so a test of such a field means something only together
// with the test of what makes the header exist (its prerequisite): kDstPort needs kProtocol tcp,
// udp or sctp, which needs kEthType IPv4 or IPv6.
//
// The order of the enumerators is the order in which diagrams test fields.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fabrix::net {

struct Packet;

enum class Field : std::uint8_t {
  kInPort,
  kEthType,
  kVlanId,  // 0 for an untagged frame
  kVlanPcp,
  kSrcMac,
  kDstMac,
  kProtocol,  // IPv4 protocol, IPv6 last next header; ARP operation in an ARP packet
  kDscp,
  kSrcIp4,  // ARP sender protocol address in an ARP packet
  kDstIp4,  // ARP target protocol address in an ARP packet
  kSrcIp6High,
  kSrcIp6Low,
  kDstIp6High,
  kDstIp6Low,
  kSrcPort,
  kDstPort,
  kTcpFlags,
  kIcmpType,  // ICMP and ICMPv6
  kIcmpCode,
  kArpSenderMac,
  kNdTargetHigh,  // target of a neighbour solicitation or advertisement
  kNdTargetLow,
  kFlowBucket,  // see net/flow_hash.h; of any packet, with any value
  kSrcIpBucket,
  kDstIpBucket,
};
inline constexpr std::size_t kFieldCount = 25;
inline constexpr std::size_t kBucketFieldCount = 3;

// Bits: 3 (kVlanPcp) to 64. kInPort 32, kDscp 6, kTcpFlags 12, buckets 6.
unsigned width_of(Field field);

// All ones in the field's width.
std::uint64_t max_value(Field field);

// Lower-case name for people: "dstport", "dstip6.high".
std::string_view name_of(Field field);

std::uint64_t value_of(const Packet& packet, Field field);
// `value` must fit the field. An address has one family, the one kEthType says: writing kEthType
// empties addresses of the other family, and writing half of an address of the other family
// replaces it.
void set_value(Packet& packet, Field field, std::uint64_t value);

// Ether types and protocols that Fabrix knows by name.
inline constexpr std::uint16_t kEthTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kEthTypeArp = 0x0806;
inline constexpr std::uint16_t kEthTypeIpv6 = 0x86dd;
inline constexpr std::uint8_t kProtocolIcmp = 1;
inline constexpr std::uint8_t kProtocolTcp = 6;
inline constexpr std::uint8_t kProtocolUdp = 17;
inline constexpr std::uint8_t kProtocolIcmpv6 = 58;
inline constexpr std::uint8_t kProtocolSctp = 132;

}  // namespace fabrix::net
