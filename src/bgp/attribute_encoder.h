// Path attributes as they stand in UPDATE messages, routes and next hops apart.
//
//   RFC 4271 §4.3, §5      flags, types, order
//   RFC 6793 §4.2          AS_TRANS, AS4_PATH and AS4_AGGREGATOR for two-octet peers
//   RFC 1997, 4360, 8092, 9234
//
// The inverse of attribute_decoder.h. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/byte_writer.h"
#include "bgp/path_attributes.h"
#include "bgp/update_message.h"

namespace fabrix::bgp {

// Attribute flags (RFC 4271 §4.3). Fabrix understands every attribute it sends, so Partial stays 0.
inline constexpr std::uint8_t kOptionalFlag = 0x80;
inline constexpr std::uint8_t kTransitiveFlag = 0x40;
inline constexpr std::uint8_t kOptionalTransitiveFlags = kOptionalFlag | kTransitiveFlag;
inline constexpr std::uint8_t kExtendedLengthFlag = 0x10;

struct AttributeEncodeOptions {
  AsnWidth asn_width = AsnWidth::kFourOctets;
};

// Appends the attributes that all routes with these attributes share: all but NEXT_HOP and the
// multiprotocol ones, in order of their types, ORIGIN and AS_PATH first. The AS path must fit an
// attribute, as every path that was received does.
void encode_attributes(const PathAttributes& attributes, const AttributeEncodeOptions& options,
                       ByteWriter& out);

// Appends flags, type and length of an attribute; a long one gets a length of two octets.
void encode_attribute_header(std::uint8_t flags, AttributeType type, std::size_t value_size,
                             ByteWriter& out);

// Octets of a whole attribute.
constexpr std::size_t encoded_attribute_size(std::size_t value_size) {
  return value_size + (value_size > 255 ? 4U : 3U);
}

}  // namespace fabrix::bgp
