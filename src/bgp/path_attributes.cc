#include "bgp/path_attributes.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace fabrix::bgp {
namespace {

constexpr std::size_t kMaxSegmentSize = 255;  // its count is one octet

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

std::size_t AsPath::length() const {
  return std::accumulate(segments.begin(), segments.end(), std::size_t{0},
                         [](std::size_t sum, const AsPathSegment& segment) {
                           const bool set = segment.kind == AsPathSegment::Kind::kSet;
                           return sum + (set ? 1 : segment.asns.size());
                         });
}

std::optional<net::Asn> AsPath::first() const {
  if (segments.empty() || segments.front().kind != AsPathSegment::Kind::kSequence) {
    return std::nullopt;
  }
  return segments.front().asns.front();
}

std::optional<net::Asn> AsPath::origin() const {
  if (segments.empty() || segments.back().kind != AsPathSegment::Kind::kSequence) {
    return std::nullopt;
  }
  return segments.back().asns.back();
}

bool AsPath::contains(net::Asn asn) const {
  return std::ranges::any_of(segments, [asn](const AsPathSegment& segment) {
    return std::ranges::find(segment.asns, asn) != segment.asns.end();
  });
}

void AsPath::prepend(net::Asn asn, std::size_t count) {
  while (count > 0) {
    const bool room = !segments.empty() &&
                      segments.front().kind == AsPathSegment::Kind::kSequence &&
                      segments.front().asns.size() < kMaxSegmentSize;
    if (!room) segments.insert(segments.begin(), AsPathSegment{});
    std::vector<net::Asn>& asns = segments.front().asns;
    const std::size_t fits = std::min(count, kMaxSegmentSize - asns.size());
    asns.insert(asns.begin(), fits, asn);
    count -= fits;
  }
}

std::string AsPath::to_string() const {
  std::string text;
  for (const AsPathSegment& segment : segments) {
    std::string members;
    for (const net::Asn asn : segment.asns) {
      members += fmt::format("{}{}", members.empty() ? "" : " ", asn.value);
    }
    const bool set = segment.kind == AsPathSegment::Kind::kSet;
    text +=
        fmt::format("{}{}{}{}", text.empty() ? "" : " ", set ? "{" : "", members, set ? "}" : "");
  }
  return text;
}

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
  const auto& otc = attributes.only_to_customer;
  return mix(digest, otc ? otc->value + 1ULL : 0);
}
