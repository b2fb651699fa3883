#include "routeserver/export_control.h"

#include <algorithm>

namespace fabrix::routeserver {
namespace {

constexpr std::uint32_t kDoNotAnnounce = 0;
constexpr std::uint32_t kAnnounce = 1;

// The standard forms exist where both numbers fit into 16 bits.
bool has_standard(const bgp::PathAttributes& attributes, net::Asn high, net::Asn low) {
  if (high > net::kMaxTwoOctetAsn || low > net::kMaxTwoOctetAsn) return false;
  const auto wanted =
      bgp::community(static_cast<std::uint16_t>(high.value), static_cast<std::uint16_t>(low.value));
  return std::ranges::find(attributes.communities, wanted) != attributes.communities.end();
}

bool has_large(const bgp::PathAttributes& attributes, const bgp::LargeCommunity& wanted) {
  return std::ranges::find(attributes.large_communities, wanted) !=
         attributes.large_communities.end();
}

bool speaks_to(net::Asn route_server, bgp::Community community) {
  const std::uint32_t high = community.value >> 16U;
  return high == 0 || high == route_server.value;
}

}  // namespace

bool may_export(const bgp::PathAttributes& attributes, net::Asn route_server, net::Asn client) {
  const std::uint32_t rs = route_server.value;
  if (has_standard(attributes, net::Asn{0}, client)) return false;
  if (has_large(attributes, {rs, kDoNotAnnounce, client.value})) return false;
  if (has_standard(attributes, route_server, client)) return true;
  if (has_large(attributes, {rs, kAnnounce, client.value})) return true;
  return !has_standard(attributes, net::Asn{0}, route_server) &&
         !has_large(attributes, {rs, kDoNotAnnounce, 0});
}

bgp::PathAttributes scrub(const bgp::PathAttributes& attributes, net::Asn route_server) {
  bgp::PathAttributes scrubbed = attributes;
  std::erase_if(scrubbed.communities,
                [&](bgp::Community community) { return speaks_to(route_server, community); });
  std::erase_if(scrubbed.large_communities, [&](const bgp::LargeCommunity& community) {
    return community.global == route_server.value;
  });
  return scrubbed;
}

}  // namespace fabrix::routeserver
