#include "bgp/attribute_encoder.h"

#include <array>
#include <span>
#include <vector>

#include "base/assert.h"
#include "bgp/as_path_codec.h"

namespace fabrix::bgp {
namespace {

void attribute(std::uint8_t flags, AttributeType type, std::span<const std::byte> value,
               ByteWriter& out) {
  encode_attribute_header(flags, type, value.size(), out);
  out.bytes(value);
}

void attribute_u32(std::uint8_t flags, AttributeType type, std::uint32_t value, ByteWriter& out) {
  encode_attribute_header(flags, type, 4, out);
  out.u32(value);
}

void as_path(AttributeType type, const AsPath& path, AsnWidth width, ByteWriter& out) {
  const bool known_to_all = type == AttributeType::kAsPath;
  encode_attribute_header(known_to_all ? kTransitiveFlag : kOptionalTransitiveFlags, type,
                          encoded_as_path_size(path, width), out);
  encode_as_path(path, width, out);
}

void aggregator(AttributeType type, const Aggregator& aggregator, AsnWidth width, ByteWriter& out) {
  FABRIX_ASSERT(aggregator.address.family() == net::Family::kIpv4);
  if (width == AsnWidth::kFourOctets) {
    encode_attribute_header(kOptionalTransitiveFlags, type, 8, out);
    out.u32(aggregator.asn.value);
  } else {
    const bool fits = aggregator.asn <= net::kMaxTwoOctetAsn;
    encode_attribute_header(kOptionalTransitiveFlags, type, 6, out);
    out.u16(static_cast<std::uint16_t>(fits ? aggregator.asn.value : net::kAsTrans.value));
  }
  out.bytes(std::as_bytes(aggregator.address.octets()));
}

void communities(const std::vector<Community>& communities, ByteWriter& out) {
  if (communities.empty()) return;
  encode_attribute_header(kOptionalTransitiveFlags, AttributeType::kCommunities,
                          communities.size() * 4, out);
  for (const Community community : communities) out.u32(community.value);
}

void communities(const std::vector<ExtendedCommunity>& communities, ByteWriter& out) {
  if (communities.empty()) return;
  encode_attribute_header(kOptionalTransitiveFlags, AttributeType::kExtendedCommunities,
                          communities.size() * 8, out);
  for (const ExtendedCommunity community : communities) {
    out.u32(static_cast<std::uint32_t>(community.value >> 32U));
    out.u32(static_cast<std::uint32_t>(community.value & 0xffffffffU));
  }
}

void communities(const std::vector<LargeCommunity>& communities, ByteWriter& out) {
  if (communities.empty()) return;
  encode_attribute_header(kOptionalTransitiveFlags, AttributeType::kLargeCommunities,
                          communities.size() * 12, out);
  for (const LargeCommunity& community : communities) {
    out.u32(community.global);
    out.u32(community.local_1);
    out.u32(community.local_2);
  }
}

// RFC 6793 §4.2.2: what a two-octet peer passes on for those who understand it.
void as4_attributes(const PathAttributes& attributes, ByteWriter& out) {
  if (!fits_two_octets(attributes.as_path)) {
    as_path(AttributeType::kAs4Path, attributes.as_path, AsnWidth::kFourOctets, out);
  }
  if (attributes.aggregator && attributes.aggregator->asn > net::kMaxTwoOctetAsn) {
    aggregator(AttributeType::kAs4Aggregator, *attributes.aggregator, AsnWidth::kFourOctets, out);
  }
}

}  // namespace

void encode_attribute_header(std::uint8_t flags, AttributeType type, std::size_t value_size,
                             ByteWriter& out) {
  const bool extended = value_size > 255;
  out.u8(extended ? flags | kExtendedLengthFlag : flags);
  out.u8(static_cast<std::uint8_t>(type));
  if (extended) {
    out.u16(static_cast<std::uint16_t>(value_size));
  } else {
    out.u8(static_cast<std::uint8_t>(value_size));
  }
}

void encode_attributes(const PathAttributes& attributes, const AttributeEncodeOptions& options,
                       ByteWriter& out) {
  const AsnWidth width = options.asn_width;
  const std::array origin{static_cast<std::byte>(attributes.origin)};
  attribute(kTransitiveFlag, AttributeType::kOrigin, origin, out);
  as_path(AttributeType::kAsPath, attributes.as_path, width, out);
  if (attributes.med) attribute_u32(kOptionalFlag, AttributeType::kMed, *attributes.med, out);
  if (attributes.local_pref) {
    attribute_u32(kTransitiveFlag, AttributeType::kLocalPref, *attributes.local_pref, out);
  }
  if (attributes.atomic_aggregate)
    attribute(kTransitiveFlag, AttributeType::kAtomicAggregate, {}, out);
  if (attributes.aggregator) {
    aggregator(AttributeType::kAggregator, *attributes.aggregator, width, out);
  }
  communities(attributes.communities, out);
  communities(attributes.extended_communities, out);
  if (width == AsnWidth::kTwoOctets) as4_attributes(attributes, out);
  communities(attributes.large_communities, out);
  if (attributes.only_to_customer) {
    attribute_u32(kOptionalTransitiveFlags, AttributeType::kOnlyToCustomer,
                  attributes.only_to_customer->value, out);
  }
}

}  // namespace fabrix::bgp
