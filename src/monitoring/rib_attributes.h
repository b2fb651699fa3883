// The attributes of a RIB entry in a table dump (RFC 6396 §4.3.4): AS numbers are four octets, and
// MP_REACH_NLRI is no more than the next hop and its length.
//
// What is decoded comes from files that anybody may have written. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/byte_writer.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"
#include "net/ip_address.h"

namespace fabrix::monitoring {

// Appends them: NEXT_HOP or MP_REACH_NLRI by the family of `next_hop`, then the rest.
void encode_rib_attributes(const bgp::PathAttributes& attributes, const net::IpAddress& next_hop,
                           ByteWriter& out);

struct RibAttributes {
  bgp::AttributesPtr attributes;  // not null
  net::IpAddress next_hop;
};

// None if RFC 7606 would have the route withdrawn or the session reset, or if there is no next hop.
// An MP_REACH_NLRI that is not abbreviated, as some write it, is understood, too. AS numbers of two
// octets are those of older dumps (RFC 6396 §4.2).
std::optional<RibAttributes> decode_rib_attributes(
    std::span<const std::byte> block, bgp::AsnWidth width = bgp::AsnWidth::kFourOctets);

}  // namespace fabrix::monitoring
