// Encoding of UPDATE messages: routes and withdrawals to as few messages as hold them.
//
//   RFC 4271 §4.3   IPv4: NEXT_HOP, NLRI, withdrawn routes
//   RFC 4760, 2545  IPv6: MP_REACH_NLRI with a 16-octet next hop, MP_UNREACH_NLRI
//   RFC 6793 §4.2   AS_TRANS, AS4_PATH and AS4_AGGREGATOR for two-octet peers
//
// Whole messages with their headers, back to back, each of at most 4096 octets. Attributes appear
// in order of their type codes. decode_update() of each yields the same routes and attributes
// again. Pure functions: the bytes depend on nothing else, so peers of one AsnWidth can share them.
#pragma once

#include <cstdint>
#include <span>

#include "base/byte_writer.h"
#include "base/result.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::bgp {

enum class EncodeError : std::uint8_t {
  kAttributesTooLarge,  // they leave no room for one prefix: withdraw the routes instead
};

// Appends UPDATEs that announce `prefixes`, all of the family of `next_hop`. Appends nothing if it
// fails, or if there are no prefixes. Room is reckoned for the longest prefix of the family, so
// success depends on the attributes alone.
Result<void, EncodeError> encode_announcement(const PathAttributes& attributes,
                                              const net::IpAddress& next_hop,
                                              std::span<const net::Prefix> prefixes,
                                              AsnWidth asn_width, ByteWriter& out);

// Appends UPDATEs that withdraw `prefixes`, all of `family`.
void encode_withdrawal(net::Family family, std::span<const net::Prefix> prefixes, ByteWriter& out);

// Appends UPDATEs that withdraw and announce what `update` does. Appends nothing if it fails.
Result<void, EncodeError> encode_update(const UpdateMessage& update, AsnWidth asn_width,
                                        ByteWriter& out);

// Appends the End-of-RIB marker of `family` (RFC 4724 §2).
void encode_end_of_rib(net::Family family, ByteWriter& out);

}  // namespace fabrix::bgp
