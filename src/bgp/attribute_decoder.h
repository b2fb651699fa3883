// The path attributes of one UPDATE, walked and judged one by one (RFC 4271 §4.3, RFC 7606 §3, §4,
// §7).
//
// What an attribute says goes to `attributes` and to the fields of its own here; what is wrong with
// it goes to the problem lists by the strength of the reaction. Only what ends the session ends the
// walk early. decode_update() combines the outcome with the routes of the message.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"

namespace fabrix::bgp {

// MP_REACH_NLRI or, without a next hop, MP_UNREACH_NLRI (RFC 4760 §3, §4). `next_hop` is as long as
// the family needs if that is negotiated. Views of the message.
struct MultiprotocolRoutes {
  Multiprotocol family;
  std::span<const std::byte> next_hop;
  std::span<const std::byte> nlri;
};

struct DecodedAttributes {
  PathAttributes attributes;
  std::optional<net::IpAddress> next_hop;  // NEXT_HOP
  std::optional<MultiprotocolRoutes> reach;
  std::optional<MultiprotocolRoutes> unreach;

  std::bitset<256> seen;  // type codes that occurred, malformed or not
  std::vector<AttributeProblem> treat_as_withdraw;
  std::vector<AttributeProblem> discarded;
  std::span<const std::byte> first_bad;  // the attribute of treat_as_withdraw.front(), as received
};

// `block` is the Path Attributes field. Every span in the outcome views it.
Result<DecodedAttributes, UpdateReset> decode_attributes(std::span<const std::byte> block,
                                                         const UpdateOptions& options);

// The family of kind `safi` that `family` names, if `families` has it.
std::optional<net::Family> negotiated_family(Multiprotocol family, FamilySet families,
                                             Safi safi = Safi::kUnicast);

// The address in 4 octets, or in the first 16 (RFC 2545 §3 allows a link-local one after it).
net::IpAddress decode_next_hop(std::span<const std::byte> octets);

// Code 3 with `subcode`; `data` is copied, and cut to what a NOTIFICATION holds.
UpdateReset update_reset(std::uint8_t subcode, std::span<const std::byte> data,
                         std::string_view reason);

}  // namespace fabrix::bgp
