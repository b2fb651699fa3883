#include "controller/selection_deferral.h"

#include <algorithm>

namespace fabrix::controller {

using routeserver::PeerId;

SelectionDeferral::SelectionDeferral(std::span<const PeerId> expected) {
  for (const PeerId peer : expected) {
    awaited_.push_back({.peer = peer, .families = {.ipv4 = true, .ipv6 = true}});
  }
}

void SelectionDeferral::established(PeerId peer, const bgp::Negotiated& agreed) {
  const auto found = std::ranges::find(awaited_, peer, &Awaited::peer);
  if (found == awaited_.end()) return;
  const auto& restart = agreed.graceful_restart;
  const bool marks_end = restart && !restart->restarted;
  // A family that it does not keep across restarts has an End-of-RIB all the same.
  found->families = marks_end ? agreed.families : bgp::FamilySet{};
  if (found->families.empty()) awaited_.erase(found);
}

void SelectionDeferral::end_of_rib(PeerId peer, net::Family family) {
  const auto found = std::ranges::find(awaited_, peer, &Awaited::peer);
  if (found == awaited_.end()) return;
  (family == net::Family::kIpv4 ? found->families.ipv4 : found->families.ipv6) = false;
  if (found->families.empty()) awaited_.erase(found);
}

void SelectionDeferral::give_up(PeerId peer) {
  std::erase_if(awaited_, [peer](const Awaited& each) { return each.peer == peer; });
}

bool SelectionDeferral::awaits(PeerId peer) const {
  return std::ranges::count(awaited_, peer, &Awaited::peer) > 0;
}

}  // namespace fabrix::controller
