// RouteSet: what a route server's table has for one prefix: which route each member gets, and who
// announces it. Most prefixes of a table share few sets, which never change.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "base/bit_set.h"
#include "telemetry/members.h"
#include "telemetry/route_view.h"

namespace fabrix::telemetry {

using Audience = BitSet<MemberId>;
using AudiencePtr = std::shared_ptr<const Audience>;

struct RouteOffer {
  RouteInfoPtr route;    // not null
  AudiencePtr audience;  // who gets it; not null

  friend bool operator==(const RouteOffer&, const RouteOffer&) = default;
};

struct RouteSet {
  RouteInfoPtr best;               // for whom the table knows no member; not null
  std::vector<RouteOffer> offers;  // audiences are disjoint
  std::vector<MemberId> announcers;

  // Null: the member gets none.
  const RouteInfo* told_to(MemberId member) const {
    for (const RouteOffer& offer : offers) {
      if (offer.audience->contains(member)) return offer.route.get();
    }
    return nullptr;
  }
  bool is_announced_by(MemberId member) const {
    return std::ranges::find(announcers, member) != announcers.end();
  }

  friend bool operator==(const RouteSet&, const RouteSet&) = default;
};
using RouteSetPtr = std::shared_ptr<const RouteSet>;

}  // namespace fabrix::telemetry
