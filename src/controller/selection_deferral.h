// SelectionDeferral: for whom a route server that has restarted still waits before it announces
// anything (RFC 4724 §4.1): while the routes of others are missing, what it would say is wrong.
//
// It waits for the End-of-RIB of each family from each peer that takes part in graceful restart,
// except from those that say they have restarted themselves. Whoever does not come back is waited
// for as well, until the owner's timer ends it. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bgp/family_set.h"
#include "bgp/session.h"
#include "routeserver/peer.h"

namespace fabrix::controller {

class SelectionDeferral {
 public:
  explicit SelectionDeferral(std::span<const routeserver::PeerId> expected);

  void established(routeserver::PeerId peer, const bgp::Negotiated& agreed);
  void end_of_rib(routeserver::PeerId peer, net::Family family);
  // It is not to come back: switched off, or not configured any more.
  void give_up(routeserver::PeerId peer);

  bool awaits(routeserver::PeerId peer) const;
  bool is_complete() const { return awaited_.empty(); }
  std::size_t awaited() const { return awaited_.size(); }

 private:
  struct Awaited {
    routeserver::PeerId peer;
    bgp::FamilySet families;
  };

  std::vector<Awaited> awaited_;
};

}  // namespace fabrix::controller
