#include "bgp/update_encoder.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "base/assert.h"
#include "bgp/as_path_codec.h"
#include "bgp/message_header.h"
#include "bgp/nlri.h"

namespace fabrix::bgp {
namespace {

using Prefixes = std::span<const net::Prefix>;

// Attribute flags (RFC 4271 §4.3). Fabrix understands every attribute it sends, so Partial stays 0.
constexpr std::uint8_t kOptional = 0x80;
constexpr std::uint8_t kTransitive = 0x40;
constexpr std::uint8_t kOptionalTransitive = kOptional | kTransitive;
constexpr std::uint8_t kExtendedLength = 0x10;

constexpr std::size_t kMaxBodySize = kMaxMessageSize - kHeaderSize;
constexpr std::size_t kLengthFields = 4;        // of withdrawn routes and of attributes
constexpr std::size_t kMaxAttributeHeader = 4;  // with an extended length
constexpr std::size_t kMpUnreachFixed = 3;      // AFI, SAFI
constexpr std::size_t kMpReachFixed = 5 + 16;   // AFI, SAFI, next hop and its length, reserved

constexpr std::size_t attribute_size(std::size_t value_size) {
  return value_size + (value_size > 255 ? 4U : 3U);
}

void attribute_header(std::uint8_t flags, AttributeType type, std::size_t size, ByteWriter& out) {
  const bool extended = size > 255;
  out.u8(extended ? flags | kExtendedLength : flags);
  out.u8(static_cast<std::uint8_t>(type));
  if (extended) {
    out.u16(static_cast<std::uint16_t>(size));
  } else {
    out.u8(static_cast<std::uint8_t>(size));
  }
}

void attribute(std::uint8_t flags, AttributeType type, std::span<const std::byte> value,
               ByteWriter& out) {
  attribute_header(flags, type, value.size(), out);
  out.bytes(value);
}

void attribute_u32(std::uint8_t flags, AttributeType type, std::uint32_t value, ByteWriter& out) {
  attribute_header(flags, type, 4, out);
  out.u32(value);
}

void as_path(AttributeType type, const AsPath& path, AsnWidth width, ByteWriter& out) {
  ByteWriter value;
  encode_as_path(path, width, value);
  const bool known_to_all = type == AttributeType::kAsPath;
  attribute(known_to_all ? kTransitive : kOptionalTransitive, type, value.view(), out);
}

void aggregator(AttributeType type, const Aggregator& aggregator, AsnWidth width, ByteWriter& out) {
  FABRIX_ASSERT(aggregator.address.family() == net::Family::kIpv4);
  if (width == AsnWidth::kFourOctets) {
    attribute_header(kOptionalTransitive, type, 8, out);
    out.u32(aggregator.asn.value);
  } else {
    const bool fits = aggregator.asn <= net::kMaxTwoOctetAsn;
    attribute_header(kOptionalTransitive, type, 6, out);
    out.u16(static_cast<std::uint16_t>(fits ? aggregator.asn.value : net::kAsTrans.value));
  }
  out.bytes(std::as_bytes(aggregator.address.octets()));
}

void communities(const std::vector<Community>& communities, ByteWriter& out) {
  if (communities.empty()) return;
  attribute_header(kOptionalTransitive, AttributeType::kCommunities, communities.size() * 4, out);
  for (const Community community : communities) out.u32(community.value);
}

void communities(const std::vector<ExtendedCommunity>& communities, ByteWriter& out) {
  if (communities.empty()) return;
  attribute_header(kOptionalTransitive, AttributeType::kExtendedCommunities, communities.size() * 8,
                   out);
  for (const ExtendedCommunity community : communities) {
    out.u32(static_cast<std::uint32_t>(community.value >> 32U));
    out.u32(static_cast<std::uint32_t>(community.value & 0xffffffffU));
  }
}

void communities(const std::vector<LargeCommunity>& communities, ByteWriter& out) {
  if (communities.empty()) return;
  attribute_header(kOptionalTransitive, AttributeType::kLargeCommunities, communities.size() * 12,
                   out);
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

// All attributes but the multiprotocol ones, in order of their type codes. NEXT_HOP is there if
// `next_hop` is an IPv4 address.
ByteWriter common_attributes(const PathAttributes& attributes, const net::IpAddress& next_hop,
                             AsnWidth width) {
  ByteWriter out;
  const std::array origin{static_cast<std::byte>(attributes.origin)};
  attribute(kTransitive, AttributeType::kOrigin, origin, out);
  as_path(AttributeType::kAsPath, attributes.as_path, width, out);
  if (next_hop.family() == net::Family::kIpv4) {
    attribute(kTransitive, AttributeType::kNextHop, std::as_bytes(next_hop.octets()), out);
  }
  if (attributes.med) attribute_u32(kOptional, AttributeType::kMed, *attributes.med, out);
  if (attributes.atomic_aggregate) attribute(kTransitive, AttributeType::kAtomicAggregate, {}, out);
  if (attributes.aggregator) {
    aggregator(AttributeType::kAggregator, *attributes.aggregator, width, out);
  }
  communities(attributes.communities, out);
  communities(attributes.extended_communities, out);
  if (width == AsnWidth::kTwoOctets) as4_attributes(attributes, out);
  communities(attributes.large_communities, out);
  if (attributes.only_to_customer) {
    attribute_u32(kOptionalTransitive, AttributeType::kOnlyToCustomer,
                  attributes.only_to_customer->value, out);
  }
  return out;
}

// As many of the first prefixes as fit in `room`, and the octets they take.
struct Batch {
  Prefixes prefixes;
  std::size_t size = 0;
};

Batch next_batch(Prefixes prefixes, std::size_t room) {
  Batch batch;
  std::size_t count = 0;
  while (count < prefixes.size()) {
    const std::size_t size = nlri_size(prefixes[count]);
    if (batch.size + size > room) break;
    batch.size += size;
    ++count;
  }
  FABRIX_ASSERT(count != 0);
  batch.prefixes = prefixes.first(count);
  return batch;
}

void encode_batch(const Batch& batch, net::Family family, ByteWriter& out) {
  for (const net::Prefix& prefix : batch.prefixes) {
    FABRIX_ASSERT(prefix.family() == family);
    encode_nlri(prefix, out);
  }
}

void announce_ipv4(std::span<const std::byte> attributes, const Batch& batch, ByteWriter& out) {
  encode_header(MessageType::kUpdate, kLengthFields + attributes.size() + batch.size, out);
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(attributes.size()));
  out.bytes(attributes);
  encode_batch(batch, net::Family::kIpv4, out);
}

void family_fields(net::Family family, ByteWriter& out) {
  out.u16(static_cast<std::uint16_t>(family));
  out.u8(static_cast<std::uint8_t>(Safi::kUnicast));
}

// RFC 7606 §5.1 puts MP_REACH_NLRI in front of all other attributes.
void announce_ipv6(std::span<const std::byte> attributes, const net::IpAddress& next_hop,
                   const Batch& batch, ByteWriter& out) {
  const std::size_t value_size = kMpReachFixed + batch.size;
  const std::size_t all = attribute_size(value_size) + attributes.size();
  encode_header(MessageType::kUpdate, kLengthFields + all, out);
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(all));
  attribute_header(kOptional, AttributeType::kMpReach, value_size, out);
  family_fields(net::Family::kIpv6, out);
  out.u8(16);
  out.bytes(std::as_bytes(next_hop.octets()));
  out.u8(0);
  encode_batch(batch, net::Family::kIpv6, out);
  out.bytes(attributes);
}

void withdraw_ipv4(const Batch& batch, ByteWriter& out) {
  encode_header(MessageType::kUpdate, kLengthFields + batch.size, out);
  out.u16(static_cast<std::uint16_t>(batch.size));
  encode_batch(batch, net::Family::kIpv4, out);
  out.u16(0);
}

void withdraw_ipv6(const Batch& batch, ByteWriter& out) {
  const std::size_t value_size = kMpUnreachFixed + batch.size;
  const std::size_t all = attribute_size(value_size);
  encode_header(MessageType::kUpdate, kLengthFields + all, out);
  out.u16(0);
  out.u16(static_cast<std::uint16_t>(all));
  attribute_header(kOptional, AttributeType::kMpUnreach, value_size, out);
  family_fields(net::Family::kIpv6, out);
  encode_batch(batch, net::Family::kIpv6, out);
}

}  // namespace

Result<void, EncodeError> encode_announcement(const PathAttributes& attributes,
                                              const net::IpAddress& next_hop,
                                              std::span<const net::Prefix> prefixes,
                                              AsnWidth asn_width, ByteWriter& out) {
  const bool ipv4 = next_hop.family() == net::Family::kIpv4;
  const ByteWriter common = common_attributes(attributes, next_hop, asn_width);
  const std::size_t overhead =
      kLengthFields + common.size() + (ipv4 ? 0 : kMaxAttributeHeader + kMpReachFixed);
  if (overhead + max_nlri_size(next_hop.family()) > kMaxBodySize) {
    return fail(EncodeError::kAttributesTooLarge);
  }
  while (!prefixes.empty()) {
    const Batch batch = next_batch(prefixes, kMaxBodySize - overhead);
    if (ipv4) {
      announce_ipv4(common.view(), batch, out);
    } else {
      announce_ipv6(common.view(), next_hop, batch, out);
    }
    prefixes = prefixes.subspan(batch.prefixes.size());
  }
  return {};
}

void encode_withdrawal(net::Family family, std::span<const net::Prefix> prefixes, ByteWriter& out) {
  const bool ipv4 = family == net::Family::kIpv4;
  const std::size_t overhead = kLengthFields + (ipv4 ? 0 : kMaxAttributeHeader + kMpUnreachFixed);
  while (!prefixes.empty()) {
    const Batch batch = next_batch(prefixes, kMaxBodySize - overhead);
    if (ipv4) {
      withdraw_ipv4(batch, out);
    } else {
      withdraw_ipv6(batch, out);
    }
    prefixes = prefixes.subspan(batch.prefixes.size());
  }
}

Result<void, EncodeError> encode_update(const UpdateMessage& update, AsnWidth asn_width,
                                        ByteWriter& out) {
  ByteWriter messages;
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    std::vector<net::Prefix> withdrawn;
    std::ranges::copy_if(update.withdrawn, std::back_inserter(withdrawn),
                         [family](const net::Prefix& prefix) { return prefix.family() == family; });
    encode_withdrawal(family, withdrawn, messages);
  }
  for (const Announcement& announcement : update.announced) {
    const auto encoded = encode_announcement(*update.attributes, announcement.next_hop,
                                             announcement.prefixes, asn_width, messages);
    if (!encoded) return fail(encoded.error());
  }
  out.bytes(messages.view());
  return {};
}

void encode_end_of_rib(net::Family family, ByteWriter& out) {
  if (family == net::Family::kIpv4) {
    withdraw_ipv4({}, out);
  } else {
    withdraw_ipv6({}, out);
  }
}

}  // namespace fabrix::bgp
