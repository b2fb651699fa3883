#include "verify/workspace.h"

#include <utility>
#include <vector>

#include "verify/findings.h"
#include "verify/traffic.h"

namespace fabrix::verify {

void Workspace::make_room() {
  const std::size_t most = space.holds_routes() ? kMaxWithRoutes : kMaxWorkspace;
  if (space.store().size() <= most) return;
  effects.clear();
  // Most checks ask for it: to make it takes as long as some of them do.
  std::vector<diagram::Diagram> kept;
  if (routed_) kept.push_back(*routed_);
  space.forget(kept);
}

diagram::Diagram Workspace::routed(const exchange::Exchange& exchange) {
  if (routed_) return *routed_;
  std::vector<PredicatePtr> others;
  for (const net::Prefix& lan : exchange.peering_lan) {
    others.push_back(is_for(lan));
    others.push_back(is_from(lan));  // whose they are is admission's question
  }
  others.push_back(is_dhcp_on(exchange.peering_lan));
  others.push_back(is_neighbor_discovery());
  others.push_back(is_host_discovery());
  routed_ =
      space.store().difference(space.well_formed_ip(), space.of(*any_of(std::move(others)), {}));
  return *routed_;
}

diagram::Diagram Workspace::entering_from(const exchange::Exchange& exchange,
                                          std::span<const net::ParticipantId> senders) {
  std::vector<PredicatePtr> ports;
  for (const net::ParticipantId sender : senders) {
    for (const Fixed& entrance : entrances_of(exchange, sender)) {
      std::vector<PredicatePtr> tests;
      for (const auto& [field, value] : entrance) tests.push_back(equals(field, value));
      ports.push_back(all_of(std::move(tests)));
    }
  }
  return space.of(*any_of(std::move(ports)), {});
}

}  // namespace fabrix::verify
