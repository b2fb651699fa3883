#include "bgp/attribute_decoder.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "bgp/as_path_codec.h"

namespace fabrix::bgp {
namespace {

using Octets = std::span<const std::byte>;
using Verdict = std::optional<AttributeError>;

// Attribute flags (RFC 4271 §4.3). The Partial bit and the low four are never judged.
constexpr std::uint8_t kOptional = 0x80;
constexpr std::uint8_t kTransitive = 0x40;
constexpr std::uint8_t kExtendedLength = 0x10;
constexpr std::uint8_t kJudgedFlags = kOptional | kTransitive;

constexpr std::uint8_t kUpdateCode = 3;
constexpr std::uint8_t kMalformedListSubcode = 1;

enum class Reaction : std::uint8_t { kDiscard, kWithdraw, kReset };

class AttributeDecoder {
 public:
  AttributeDecoder(Octets block, const UpdateOptions& options)
      : block_(block), rest_(block), options_(options) {}

  Result<DecodedAttributes, UpdateReset> run();

  // One per attribute type: takes its value, says what is wrong with it. Nothing of a bad value is
  // kept.
  Verdict origin(Octets value);
  Verdict as_path(Octets value);
  Verdict next_hop(Octets value);
  Verdict med(Octets value);
  Verdict local_pref(Octets value);
  Verdict atomic_aggregate(Octets value);
  Verdict aggregator(Octets value);
  Verdict communities(Octets value);
  Verdict extended_communities(Octets value);
  Verdict ipv6_extended_communities(Octets value);
  Verdict large_communities(Octets value);
  Verdict as4_path(Octets value);
  Verdict as4_aggregator(Octets value);
  Verdict only_to_customer(Octets value);
  Verdict mp_reach(Octets value);
  Verdict mp_unreach(Octets value);

 private:
  // False when the walk cannot go on because the block ends within an attribute.
  Result<bool, UpdateReset> attribute();
  Verdict judge(std::uint8_t flags, std::uint8_t type, Octets value);
  void problem(Reaction reaction, AttributeProblem what, Octets attribute);
  void merge_as4();

  Octets block_;
  ByteReader rest_;
  const UpdateOptions& options_;
  DecodedAttributes out_;
  std::optional<AsPath> as4_path_;
  std::optional<Aggregator> as4_aggregator_;
};

struct KnownAttribute {
  AttributeType type;
  std::uint8_t flags;
  Reaction wrong_flags;
  Reaction wrong_value;
  Verdict (AttributeDecoder::*decode)(Octets value);  // null: dropped, whatever the value
};

constexpr std::uint8_t kOptionalTransitive = kOptional | kTransitive;

// RFC 7606 §7, and §3.c for the flags; from an external peer LOCAL_PREF, ORIGINATOR_ID and
// CLUSTER_LIST are dropped (§7.5, §7.9, §7.10). AS4_*: RFC 6793 §6.
constexpr std::array kKnownAttributes{
    KnownAttribute{AttributeType::kOrigin, kTransitive, Reaction::kWithdraw, Reaction::kWithdraw,
                   &AttributeDecoder::origin},
    KnownAttribute{AttributeType::kAsPath, kTransitive, Reaction::kWithdraw, Reaction::kWithdraw,
                   &AttributeDecoder::as_path},
    KnownAttribute{AttributeType::kNextHop, kTransitive, Reaction::kWithdraw, Reaction::kWithdraw,
                   &AttributeDecoder::next_hop},
    KnownAttribute{AttributeType::kMed, kOptional, Reaction::kWithdraw, Reaction::kWithdraw,
                   &AttributeDecoder::med},
    KnownAttribute{AttributeType::kLocalPref, kTransitive, Reaction::kWithdraw, Reaction::kWithdraw,
                   &AttributeDecoder::local_pref},
    KnownAttribute{AttributeType::kAtomicAggregate, kTransitive, Reaction::kWithdraw,
                   Reaction::kDiscard, &AttributeDecoder::atomic_aggregate},
    KnownAttribute{AttributeType::kAggregator, kOptionalTransitive, Reaction::kWithdraw,
                   Reaction::kDiscard, &AttributeDecoder::aggregator},
    KnownAttribute{AttributeType::kCommunities, kOptionalTransitive, Reaction::kWithdraw,
                   Reaction::kWithdraw, &AttributeDecoder::communities},
    KnownAttribute{AttributeType::kOriginatorId, kOptional, Reaction::kWithdraw, Reaction::kDiscard,
                   nullptr},
    KnownAttribute{AttributeType::kClusterList, kOptional, Reaction::kWithdraw, Reaction::kDiscard,
                   nullptr},
    KnownAttribute{AttributeType::kMpReach, kOptional, Reaction::kReset, Reaction::kReset,
                   &AttributeDecoder::mp_reach},
    KnownAttribute{AttributeType::kMpUnreach, kOptional, Reaction::kReset, Reaction::kReset,
                   &AttributeDecoder::mp_unreach},
    KnownAttribute{AttributeType::kExtendedCommunities, kOptionalTransitive, Reaction::kWithdraw,
                   Reaction::kWithdraw, &AttributeDecoder::extended_communities},
    KnownAttribute{AttributeType::kAs4Path, kOptionalTransitive, Reaction::kDiscard,
                   Reaction::kDiscard, &AttributeDecoder::as4_path},
    KnownAttribute{AttributeType::kAs4Aggregator, kOptionalTransitive, Reaction::kDiscard,
                   Reaction::kDiscard, &AttributeDecoder::as4_aggregator},
    KnownAttribute{AttributeType::kIpv6ExtendedCommunities, kOptionalTransitive,
                   Reaction::kWithdraw, Reaction::kWithdraw,
                   &AttributeDecoder::ipv6_extended_communities},
    KnownAttribute{AttributeType::kLargeCommunities, kOptionalTransitive, Reaction::kWithdraw,
                   Reaction::kWithdraw, &AttributeDecoder::large_communities},
    KnownAttribute{AttributeType::kOnlyToCustomer, kOptionalTransitive, Reaction::kWithdraw,
                   Reaction::kWithdraw, &AttributeDecoder::only_to_customer},
};

const KnownAttribute* find_known(std::uint8_t type) {
  const auto* const found =
      std::ranges::find(kKnownAttributes, AttributeType{type}, &KnownAttribute::type);
  return found == kKnownAttributes.end() ? nullptr : found;
}

bool is_multiprotocol(std::uint8_t type) {
  return AttributeType{type} == AttributeType::kMpReach ||
         AttributeType{type} == AttributeType::kMpUnreach;
}

bool is_nonzero_multiple(std::size_t size, std::size_t unit) {
  return size != 0 && size % unit == 0;
}

std::optional<Aggregator> decode_aggregator(Octets value, AsnWidth width) {
  ByteReader in(value);
  const net::Asn asn{width == AsnWidth::kFourOctets ? in.u32() : in.u16()};
  const auto address = in.bytes(4);
  if (!in.ok() || !in.at_end() || asn == net::Asn{0}) return std::nullopt;  // RFC 7607 §2
  return Aggregator{.asn = asn, .address = decode_next_hop(address)};
}

// RFC 2545 §3: an IPv6 next hop may come with its link-local address. RFC 8950 §3: the length tells
// an IPv6 next hop of IPv4 routes from an IPv4 one.
bool fits_next_hop(net::Family family, std::size_t size, const UpdateOptions& options) {
  const bool ipv6 = size == 16 || size == 32;
  if (family == net::Family::kIpv6) return ipv6;
  return size == 4 || (ipv6 && options.ipv4_over_ipv6_next_hop);
}

// RFC 8092 §5: redundant values are removed, the first of each stays.
void remove_duplicates(std::vector<LargeCommunity>& communities) {
  std::vector<LargeCommunity> sorted = communities;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) == sorted.end()) return;
  std::vector<LargeCommunity> unique;
  std::vector<bool> taken(sorted.size());
  for (const LargeCommunity& community : communities) {
    const auto at = std::ranges::lower_bound(sorted, community) - sorted.begin();
    if (taken[static_cast<std::size_t>(at)]) continue;
    taken[static_cast<std::size_t>(at)] = true;
    unique.push_back(community);
  }
  communities = std::move(unique);
}

Result<DecodedAttributes, UpdateReset> AttributeDecoder::run() {
  bool more = !rest_.at_end();
  while (more) {
    FABRIX_TRY(const bool whole, attribute());
    more = whole && !rest_.at_end();
  }
  merge_as4();
  return std::move(out_);
}

Result<bool, UpdateReset> AttributeDecoder::attribute() {
  const Octets start = block_.last(rest_.remaining());
  const std::uint8_t flags = rest_.u8();
  const std::uint8_t type = rest_.u8();
  // RFC 7606 §3.g, before anything that would abandon the walk: which of two MP_REACH_NLRI to
  // believe cannot be known.
  const bool repeated = rest_.ok() && out_.seen[type];
  if (repeated && is_multiprotocol(type)) {
    return fail(update_reset(kMalformedListSubcode, {}, "MP_REACH_NLRI or MP_UNREACH_NLRI twice"));
  }
  const std::size_t size = (flags & kExtendedLength) != 0 ? rest_.u16() : rest_.u8();
  const Octets value = rest_.bytes(size);
  if (!rest_.ok()) {  // RFC 7606 §4
    problem(Reaction::kWithdraw, {type, AttributeError::kMalformedList}, start);
    return false;
  }
  const Octets whole = start.first(start.size() - rest_.remaining());
  if (repeated) {
    problem(Reaction::kDiscard, {type, AttributeError::kRepeated}, whole);
    return true;
  }
  out_.seen[type] = true;

  const Verdict wrong = judge(flags, type, value);
  if (!wrong) return true;
  const KnownAttribute* const known = find_known(type);
  Reaction reaction = Reaction::kWithdraw;
  if (*wrong == AttributeError::kNotAllowed) {
    reaction = Reaction::kDiscard;
  } else if (known != nullptr) {
    reaction = *wrong == AttributeError::kFlags ? known->wrong_flags : known->wrong_value;
  }
  if (reaction == Reaction::kReset) {
    const std::uint8_t subcode = notification_for(*wrong).subcode;
    return fail(update_reset(subcode, whole, "malformed MP_REACH_NLRI or MP_UNREACH_NLRI"));
  }
  problem(reaction, {type, *wrong}, whole);
  return true;
}

Verdict AttributeDecoder::judge(std::uint8_t flags, std::uint8_t type, Octets value) {
  const KnownAttribute* const known = find_known(type);
  if (known == nullptr) {
    const bool well_known = (flags & kOptional) == 0;
    return well_known ? AttributeError::kUnknownWellKnown : AttributeError::kNotAllowed;
  }
  if ((flags & kJudgedFlags) != known->flags) return AttributeError::kFlags;
  if (known->decode == nullptr) return AttributeError::kNotAllowed;
  return (this->*known->decode)(value);
}

void AttributeDecoder::problem(Reaction reaction, AttributeProblem what, Octets attribute) {
  if (reaction == Reaction::kDiscard) {
    out_.discarded.push_back(what);
    return;
  }
  if (out_.treat_as_withdraw.empty()) out_.first_bad = attribute;
  out_.treat_as_withdraw.push_back(what);
}

// RFC 6793 §4.2.3. If the aggregator has a two-octet AS, an AS4_AGGREGATOR beside it shows that a
// two-octet speaker aggregated after both AS4 attributes were made: neither counts.
void AttributeDecoder::merge_as4() {
  std::optional<Aggregator>& aggregator = out_.attributes.aggregator;
  if (aggregator && as4_aggregator_) {
    if (aggregator->asn != net::kAsTrans) return;
    aggregator = as4_aggregator_;
  }
  if (as4_path_) out_.attributes.as_path = merge_as4_path(out_.attributes.as_path, *as4_path_);
}

Verdict AttributeDecoder::origin(Octets value) {
  if (value.size() != 1) return AttributeError::kLength;
  const auto origin = std::to_integer<std::uint8_t>(value.front());
  if (origin > static_cast<std::uint8_t>(Origin::kIncomplete)) {
    return AttributeError::kInvalidOrigin;
  }
  out_.attributes.origin = Origin{origin};
  return std::nullopt;
}

Verdict AttributeDecoder::as_path(Octets value) {
  auto path = decode_as_path(value, options_.asn_width);
  if (!path) return AttributeError::kMalformedAsPath;
  out_.attributes.as_path = *std::move(path);
  return std::nullopt;
}

// Whether it is a host's address matters only if there are routes that use it: RFC 4760 §3.
Verdict AttributeDecoder::next_hop(Octets value) {
  if (value.size() != 4) return AttributeError::kLength;
  out_.next_hop = decode_next_hop(value);
  return std::nullopt;
}

Verdict AttributeDecoder::med(Octets value) {
  if (value.size() != 4) return AttributeError::kLength;
  out_.attributes.med = ByteReader(value).u32();
  return std::nullopt;
}

Verdict AttributeDecoder::local_pref(Octets value) {
  if (!options_.internal) return AttributeError::kNotAllowed;
  if (value.size() != 4) return AttributeError::kLength;
  out_.attributes.local_pref = ByteReader(value).u32();
  return std::nullopt;
}

Verdict AttributeDecoder::atomic_aggregate(Octets value) {
  if (!value.empty()) return AttributeError::kLength;
  out_.attributes.atomic_aggregate = true;
  return std::nullopt;
}

Verdict AttributeDecoder::aggregator(Octets value) {
  const auto aggregator = decode_aggregator(value, options_.asn_width);
  if (!aggregator) return AttributeError::kMalformedValue;
  out_.attributes.aggregator = aggregator;
  return std::nullopt;
}

Verdict AttributeDecoder::communities(Octets value) {
  if (!is_nonzero_multiple(value.size(), 4)) return AttributeError::kLength;
  out_.attributes.communities.reserve(value.size() / 4);
  for (ByteReader in(value); !in.at_end();) {
    out_.attributes.communities.push_back({in.u32()});
  }
  return std::nullopt;
}

Verdict AttributeDecoder::extended_communities(Octets value) {
  if (!is_nonzero_multiple(value.size(), 8)) return AttributeError::kLength;
  out_.attributes.extended_communities.reserve(value.size() / 8);
  for (ByteReader in(value); !in.at_end();) {
    const std::uint64_t high = in.u32();
    out_.attributes.extended_communities.push_back({high << 32U | in.u32()});
  }
  return std::nullopt;
}

// RFC 5701: checked, because a malformed one withdraws, but not in the allow-list.
Verdict AttributeDecoder::ipv6_extended_communities(Octets value) {
  if (!is_nonzero_multiple(value.size(), 20)) return AttributeError::kLength;
  const auto type = static_cast<std::uint8_t>(AttributeType::kIpv6ExtendedCommunities);
  problem(Reaction::kDiscard, {type, AttributeError::kNotAllowed}, value);
  return std::nullopt;
}

Verdict AttributeDecoder::large_communities(Octets value) {
  if (!is_nonzero_multiple(value.size(), 12)) return AttributeError::kLength;
  std::vector<LargeCommunity>& communities = out_.attributes.large_communities;
  communities.reserve(value.size() / 12);
  for (ByteReader in(value); !in.at_end();) {
    LargeCommunity community{.global = in.u32(), .local_1 = 0, .local_2 = 0};
    community.local_1 = in.u32();
    community.local_2 = in.u32();
    communities.push_back(community);
  }
  remove_duplicates(communities);
  return std::nullopt;
}

Verdict AttributeDecoder::as4_path(Octets value) {
  if (options_.asn_width == AsnWidth::kFourOctets) return AttributeError::kNotAllowed;
  as4_path_ = decode_as4_path(value);
  return as4_path_ ? Verdict{} : AttributeError::kMalformedAsPath;
}

Verdict AttributeDecoder::as4_aggregator(Octets value) {
  if (options_.asn_width == AsnWidth::kFourOctets) return AttributeError::kNotAllowed;
  as4_aggregator_ = decode_aggregator(value, AsnWidth::kFourOctets);
  return as4_aggregator_ ? Verdict{} : AttributeError::kMalformedValue;
}

Verdict AttributeDecoder::only_to_customer(Octets value) {
  if (value.size() != 4) return AttributeError::kLength;  // RFC 9234 §5
  out_.attributes.only_to_customer = net::Asn{ByteReader(value).u32()};
  return std::nullopt;
}

Verdict AttributeDecoder::mp_reach(Octets value) {
  ByteReader in(value);
  const std::uint16_t afi = in.u16();
  const Multiprotocol family{.afi = afi, .safi = Safi{in.u8()}};
  const Octets next_hop = in.bytes(in.u8());
  in.u8();  // reserved
  if (!in.ok()) return AttributeError::kMalformedValue;
  const auto unicast = negotiated_family(family, options_.families);
  if (unicast && !fits_next_hop(*unicast, next_hop.size(), options_)) {
    return AttributeError::kMalformedValue;
  }
  out_.reach = {.family = family, .next_hop = next_hop, .nlri = in.bytes(in.remaining())};
  return std::nullopt;
}

Verdict AttributeDecoder::mp_unreach(Octets value) {
  ByteReader in(value);
  const std::uint16_t afi = in.u16();
  const Multiprotocol family{.afi = afi, .safi = Safi{in.u8()}};
  if (!in.ok()) return AttributeError::kMalformedValue;
  out_.unreach = {.family = family, .next_hop = {}, .nlri = in.bytes(in.remaining())};
  return std::nullopt;
}

}  // namespace

Result<DecodedAttributes, UpdateReset> decode_attributes(std::span<const std::byte> block,
                                                         const UpdateOptions& options) {
  return AttributeDecoder(block, options).run();
}

std::optional<net::Family> negotiated_family(Multiprotocol family, FamilySet families, Safi safi) {
  if (family.safi != safi) return std::nullopt;
  for (const net::Family known : {net::Family::kIpv4, net::Family::kIpv6}) {
    const bool same = family.afi == static_cast<std::uint16_t>(known);
    if (same && families.contains(known)) return known;
  }
  return std::nullopt;
}

net::IpAddress decode_next_hop(std::span<const std::byte> octets) {
  const auto to_octet = [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); };
  if (octets.size() < 16) {
    std::array<std::uint8_t, 4> v4{};
    std::ranges::transform(octets.first(4), v4.begin(), to_octet);
    return net::IpAddress::v4(v4);
  }
  std::array<std::uint8_t, 16> v6{};
  std::ranges::transform(octets.first(16), v6.begin(), to_octet);
  return net::IpAddress::v6(v6);
}

UpdateReset update_reset(std::uint8_t subcode, std::span<const std::byte> data,
                         std::string_view reason) {
  return {.notification = {.code = {kUpdateCode, subcode}, .data = {data.begin(), data.end()}},
          .reason = reason};
}

}  // namespace fabrix::bgp
