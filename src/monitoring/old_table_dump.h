// TABLE_DUMP: what table dumps were before TABLE_DUMP_V2, one record for each route of each peer.
// Old archives have it. Read only.
//
//   RFC 6396 §4.2
//
// Takes arbitrary bytes; fuzzed with mrt_reader. Pure functions.
#pragma once

#include <chrono>
#include <optional>

#include "bgp/path_attributes.h"
#include "monitoring/mrt.h"
#include "net/asn.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::monitoring {

inline constexpr std::uint16_t kOldTableDump = 12;  // the MRT type

struct OldTableEntry {
  net::Prefix prefix = net::Prefix::all(net::Family::kIpv4);
  std::chrono::sys_seconds originated;
  net::IpAddress peer = net::IpAddress::unspecified(net::Family::kIpv4);
  net::Asn peer_as;
  net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
  bgp::AttributesPtr attributes;  // not null
};

// None: not of this type, or malformed, or nothing that a route server would take (RFC 7606).
std::optional<OldTableEntry> read_old_table_entry(const UnknownRecord& record);

}  // namespace fabrix::monitoring
