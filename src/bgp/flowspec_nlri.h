// Flow specifications as they stand in UPDATE messages (RFC 8955 §4.1, §4.2; RFC 8956 §3).
//
//   length          1 octet below 240, else 2 octets 0xfnnn
//   component ...   type octet and value, types strictly ascending
//
// Malformed is what RFC 8955 §4.2 calls so, unknown types included, and also the rule without any
// component: it would match every packet. RFC 8955 §10 leaves the reaction to RFC 7606, whose §3.j
// knows only one when routes cannot be told from the octets: the session ends, with 3/9 (Optional
// Attribute Error, RFC 4760 §7). Nothing of a field with a malformed rule is used.
//
// Pure; accepts arbitrary bytes and is fuzzed in fuzz/bgp/flowspec_nlri_fuzz.cc. Cost: O(octets).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_writer.h"
#include "base/result.h"
#include "bgp/flowspec.h"
#include "net/ip_address.h"

namespace fabrix::bgp {

// IANA: SAFI 133, flow specification of unicast traffic, announced with AFI 1 or 2.
Result<std::vector<FlowSpecRule>, FlowSpecError> decode_flowspec_routes(
    net::Family family, std::span<const std::byte> nlri);

// One rule: the value of an NLRI, without its length.
Result<FlowSpecRule, FlowSpecError> decode_flowspec_rule(net::Family family,
                                                         std::span<const std::byte> value);

// Octets of the NLRI, length included.
std::size_t flowspec_nlri_size(const FlowSpecRule& rule);

// Appends the NLRI, length included, in the shortest form of its length.
void encode_flowspec_nlri(const FlowSpecRule& rule, ByteWriter& out);

// Appends what follows the type octet of a component.
void encode_flowspec_value(const FlowSpecComponent& component, ByteWriter& out);

}  // namespace fabrix::bgp
