#include "analyzer/route_info.h"

#include <string>

#include <fmt/format.h>

namespace fabrix::analyzer {
namespace {

void append(std::string& list, const std::string& text) {
  if (!list.empty()) list += '-';
  list += text;
}

std::string text_of(const net::AsPath& path) {
  std::string text;
  for (const net::AsPathSegment& segment : path.segments) {
    std::string part;
    for (const net::Asn asn : segment.asns) append(part, fmt::to_string(asn.value));
    const bool is_set = segment.kind == net::AsPathSegment::Kind::kSet;
    append(text, is_set ? "(" + part + ")" : part);
  }
  return text;
}

std::string communities_of(const bgp::PathAttributes& attributes) {
  std::string text;
  for (const bgp::Community community : attributes.communities) {
    append(text, net::to_string(community));
  }
  for (const bgp::LargeCommunity& community : attributes.large_communities) {
    append(text, net::to_string(community));
  }
  return text;
}

std::string text_of(bgp::Origin origin) {
  switch (origin) {
    case bgp::Origin::kIgp:
      return "IGP";
    case bgp::Origin::kEgp:
      return "EGP";
    case bgp::Origin::kIncomplete:
      return "INCOMPLETE";
  }
  return "";
}

}  // namespace

telemetry::RouteInfo route_info(const bgp::PathAttributes& attributes,
                                const net::IpAddress& next_hop) {
  const auto number = [](const std::optional<net::Asn>& asn) { return asn ? asn->value : 0; };
  return {.next_hop = next_hop,
          .as_path = text_of(attributes.as_path),
          .neighbor_as = number(attributes.as_path.first()),
          .origin_as = number(attributes.as_path.origin()),
          .communities = communities_of(attributes),
          .origin = text_of(attributes.origin),
          .local_pref = attributes.local_pref,
          .med = attributes.med};
}

}  // namespace fabrix::analyzer
