// ImportFilter: which announced routes an exchange uses at all, by exchange::ImportPolicy.
//
// What depends on the path alone is judged once for each attribute set of a session; the rest for
// each prefix, and quickly: the table of a member is a million of them.
//
// Immutable; any thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "bgp/path_attributes.h"
#include "exchange/exchange.h"
#include "net/prefix.h"
#include "routeserver/irr_sets.h"
#include "routeserver/peer.h"
#include "routeserver/reject_reason.h"
#include "rpki/origin_validation.h"

namespace fabrix::routeserver {

// What the filters know besides the configuration. Null: nothing (RPKI: everything is NotFound).
struct ImportData {
  std::shared_ptr<const rpki::VrpTable> vrps;
  std::vector<std::shared_ptr<const IrrSets>> irr;  // by participant; may be shorter
};

// What one attribute set with one next hop means, whatever the prefix.
struct PathVerdict {
  std::optional<RejectReason> rejected;  // the first in order of what the path alone tells
  std::optional<net::Asn> origin;
  bool blackhole = false;          // carries BLACKHOLE, and the member's policy accepts that
  bool graceful_shutdown = false;  // carries GRACEFUL_SHUTDOWN, and it counts
};

class ImportFilter {
 public:
  // The exchange must outlive the filter.
  ImportFilter(const exchange::Exchange& exchange, ImportData data);

  PathVerdict judge_path(const Peer& peer, const net::IpAddress& next_hop,
                         const bgp::PathAttributes& attributes) const;

  // None: accepted. Else the first reason in order, `path.rejected` among them. kMaxPrefix is not
  // judged here.
  std::optional<RejectReason> judge(const Peer& peer, const net::Prefix& prefix,
                                    const PathVerdict& path) const;

  // For people and informational communities.
  rpki::OriginState origin_state(const net::Prefix& prefix, const PathVerdict& path) const;

 private:
  const exchange::Exchange* exchange_;
  ImportData data_;
};

// None: accepted. Else the first reason, in the order of the enumeration. Pure.
std::optional<RejectReason> import_filter(const exchange::Exchange& exchange, const Peer& peer,
                                          const net::Prefix& prefix, const net::IpAddress& next_hop,
                                          const bgp::PathAttributes& attributes);

}  // namespace fabrix::routeserver
