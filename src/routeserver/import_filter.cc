#include "routeserver/import_filter.h"

#include <algorithm>

namespace fabrix::routeserver {

std::optional<RejectReason> import_filter(const exchange::Exchange& exchange, const Peer& peer,
                                          const net::Prefix& prefix, const net::IpAddress& next_hop,
                                          const bgp::PathAttributes& attributes) {
  // A default route is a member's business; inside the LAN nobody's.
  const bool in_lan = std::ranges::any_of(
      exchange.peering_lan, [&](const net::Prefix& lan) { return lan.contains(prefix); });
  if (in_lan) return RejectReason::kPeeringLan;
  const auto& own = exchange.router(peer.router).addresses;
  if (std::ranges::find(own, next_hop) == own.end()) return RejectReason::kNextHop;
  if (attributes.as_path.first() != peer.asn) return RejectReason::kFirstAs;
  if (attributes.as_path.contains(exchange.asn)) return RejectReason::kAsLoop;
  return std::nullopt;
}

}  // namespace fabrix::routeserver
