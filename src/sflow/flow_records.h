// The flow records that a collector reads of every sample, as structs.
//
//   sFlow version 5 §5.3.2: sampled_header, sampled_ethernet, sampled_ipv4, sampled_ipv6,
//   extended_switch, extended_router, extended_gateway
//
// Each reads the body of a record with the tag beside it; none if it is too short for its
// structure. What is in them is what the agent says: nothing is checked but that it is there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "net/ip_address.h"
#include "net/mac_address.h"
#include "sflow/datagram.h"

namespace fabrix::sflow {

inline constexpr Tag kSampledHeader = Tag::of(0, 1);
inline constexpr Tag kSampledEthernet = Tag::of(0, 2);
inline constexpr Tag kSampledIpv4 = Tag::of(0, 3);
inline constexpr Tag kSampledIpv6 = Tag::of(0, 4);
inline constexpr Tag kExtendedSwitch = Tag::of(0, 1001);
inline constexpr Tag kExtendedRouter = Tag::of(0, 1002);
inline constexpr Tag kExtendedGateway = Tag::of(0, 1003);

// What a sampled header begins with (header_protocol).
enum class HeaderProtocol : std::uint32_t {
  kEthernet = 1,
  kPpp = 7,
  kIpv4 = 11,
  kIpv6 = 12,
  kMpls = 13,
};

struct SampledHeader {
  std::uint32_t protocol = 0;      // a HeaderProtocol, or another that is not looked into
  std::uint32_t frame_length = 0;  // octets on the wire
  std::uint32_t stripped = 0;      // octets that the agent took away before the header, and the FCS
  Bytes header;
};

struct SampledEthernet {
  std::uint32_t length = 0;
  net::MacAddress source;
  net::MacAddress destination;
  std::uint32_t type = 0;
};

// Of IPv4 or IPv6.
struct SampledIp {
  std::uint32_t length = 0;
  std::uint32_t protocol = 0;
  net::IpAddress source = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress destination = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint32_t source_port = 0;
  std::uint32_t destination_port = 0;
  std::uint32_t tcp_flags = 0;
  std::uint32_t tos = 0;  // priority
};

struct ExtendedSwitch {
  std::uint32_t source_vlan = 0;
  std::uint32_t source_priority = 0;
  std::uint32_t destination_vlan = 0;
  std::uint32_t destination_priority = 0;
};

struct ExtendedRouter {
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint32_t source_mask_length = 0;
  std::uint32_t destination_mask_length = 0;
};

struct ExtendedGateway {
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint32_t as = 0;
  std::uint32_t source_as = 0;
  std::uint32_t source_peer_as = 0;
  Bytes as_path;      // to the destination: the number of segments, and the segments
  Bytes communities;  // words
  std::uint32_t local_preference = 0;
};

// Of every sample: inline.
inline std::optional<SampledHeader> read_sampled_header(Bytes record) {
  constexpr std::size_t kFixed = 16;
  if (record.size() < kFixed) return std::nullopt;
  const std::uint32_t length = load_u32(record.data() + 12);
  if (length > record.size() - kFixed) return std::nullopt;
  return SampledHeader{.protocol = load_u32(record.data()),
                       .frame_length = load_u32(record.data() + 4),
                       .stripped = load_u32(record.data() + 8),
                       .header = record.subspan(kFixed, length)};
}
std::optional<SampledEthernet> read_sampled_ethernet(Bytes record);
std::optional<SampledIp> read_sampled_ipv4(Bytes record);
std::optional<SampledIp> read_sampled_ipv6(Bytes record);
std::optional<ExtendedSwitch> read_extended_switch(Bytes record);
std::optional<ExtendedRouter> read_extended_router(Bytes record);
std::optional<ExtendedGateway> read_extended_gateway(Bytes record);

// What the ends of an AS path say: the neighbour's AS comes first, the destination's last. 0: none.
struct AsPathEnds {
  std::uint32_t peer_as = 0;
  std::uint32_t as = 0;

  friend bool operator==(const AsPathEnds&, const AsPathEnds&) = default;
};
AsPathEnds as_path_ends(Bytes as_path);

// "65254-65002-(64700-64701)": sets in parentheses.
std::string as_path_text(Bytes as_path);

}  // namespace fabrix::sflow
