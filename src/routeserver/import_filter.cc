#include "routeserver/import_filter.h"

#include <algorithm>

namespace fabrix::routeserver {

std::string_view describe(RejectReason reason) {
  switch (reason) {
    case RejectReason::kNextHop:
      return "next hop is not an address of the announcing router";
    case RejectReason::kFirstAs:
      return "first AS of the path is not the member's";
    case RejectReason::kAsLoop:
      return "path contains the exchange's own AS";
    case RejectReason::kPeeringLan:
      return "prefix lies in the peering LAN";
  }
  return "unknown reason";
}

std::optional<RejectReason> import_filter(const exchange::Exchange& exchange, const Peer& peer,
                                          const net::Prefix& prefix, const net::IpAddress& next_hop,
                                          const bgp::PathAttributes& attributes) {
  const auto& own = exchange.router(peer.router).addresses;
  if (std::ranges::find(own, next_hop) == own.end()) return RejectReason::kNextHop;
  if (attributes.as_path.first() != peer.asn) return RejectReason::kFirstAs;
  if (attributes.as_path.contains(exchange.asn)) return RejectReason::kAsLoop;
  // A default route is a member's business; inside the LAN nobody's.
  const bool in_lan = std::ranges::any_of(
      exchange.peering_lan, [&](const net::Prefix& lan) { return lan.contains(prefix); });
  if (in_lan) return RejectReason::kPeeringLan;
  return std::nullopt;
}

}  // namespace fabrix::routeserver
