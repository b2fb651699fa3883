#include "bgp/path_attributes.h"

namespace fabrix::bgp {
namespace {

// One round of a 64-bit mixer: cheap, and every input bit reaches every output bit.
constexpr std::uint64_t mix(std::uint64_t digest, std::uint64_t value) {
  std::uint64_t x = (digest ^ value) * 0x9e3779b97f4a7c15ULL;
  x ^= x >> 32U;
  return x * 0xd6e8feb86659fd93ULL;
}

std::uint64_t mix(std::uint64_t digest, const AsPath& path) {
  for (const AsPathSegment& segment : path.segments) {
    digest = mix(digest, segment.asns.size() * 4 + static_cast<std::uint64_t>(segment.kind));
    for (const net::Asn asn : segment.asns) digest = mix(digest, asn.value);
  }
  return digest;
}

std::uint64_t mix(std::uint64_t digest, const Aggregator& aggregator) {
  digest = mix(digest, aggregator.asn.value);
  for (const std::uint8_t octet : aggregator.address.octets()) digest = mix(digest, octet);
  return digest;
}

}  // namespace

}  // namespace fabrix::bgp

std::size_t std::hash<fabrix::bgp::PathAttributes>::operator()(
    const fabrix::bgp::PathAttributes& attributes) const noexcept {
  using fabrix::bgp::mix;
  std::uint64_t digest = mix(0, static_cast<std::uint64_t>(attributes.origin));
  digest = mix(digest, attributes.as_path);
  // Presence is part of the value: MED 0 is not no MED.
  digest = mix(digest, attributes.med ? *attributes.med + 1ULL : 0);
  digest = mix(digest, attributes.atomic_aggregate ? 1 : 0);
  if (attributes.aggregator) digest = mix(digest, *attributes.aggregator);
  for (const auto& community : attributes.communities) digest = mix(digest, community.value);
  digest = mix(digest, attributes.communities.size());
  for (const auto& community : attributes.extended_communities) {
    digest = mix(digest, community.value);
  }
  digest = mix(digest, attributes.extended_communities.size());
  for (const auto& community : attributes.large_communities) {
    digest = mix(digest, community.global);
    digest = mix(digest, std::uint64_t{community.local_1} << 32U | community.local_2);
  }
  digest = mix(digest, attributes.local_pref ? *attributes.local_pref + 1ULL : 0);
  const auto& otc = attributes.only_to_customer;
  return mix(digest, otc ? otc->value + 1ULL : 0);
}
