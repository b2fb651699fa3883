// ImportFilter: which announced routes an exchange uses at all, by exchange::ImportPolicy.
//
//   RFC 4271 §6.3, §9.1.2, RFC 7454 §6 to §9, RFC 7948 §4   what no exchange should pass on
//   RFC 6811   origin validation     RFC 7999   blackholes, with bounds and rights of their own
//   draft-ietf-sidrops-aspa-verification §5.4   path verification, as from a route server's client
//   RFC 8326   graceful shutdown     RFC 9234 §5   a client's route for customers only is a leak
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
#include "rpki/aspa_verification.h"
#include "rpki/origin_validation.h"

namespace fabrix::routeserver {

// What the filters know besides the configuration. Null: nothing (RPKI: every origin is NotFound,
// every path with more than one AS and no set Unknown).
struct ImportData {
  std::shared_ptr<const rpki::VrpTable> vrps;
  std::shared_ptr<const rpki::AspaTable> aspas;
  std::vector<std::shared_ptr<const IrrSets>> irr;  // by participant; may be shorter
};

// What one attribute set with one next hop means, whatever the prefix.
struct PathVerdict {
  std::optional<RejectReason> rejected;  // the first in order of what the path alone tells
  std::optional<net::Asn> origin;
  std::optional<rpki::PathState> aspa;  // none: not looked up
  bool blackhole = false;               // carries BLACKHOLE, and the member's policy accepts that
  bool graceful_shutdown = false;       // carries GRACEFUL_SHUTDOWN, and it counts

  friend bool operator==(const PathVerdict&, const PathVerdict&) = default;
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
  // A participant's policy, with its lists made ready for questions.
  struct Member {
    const exchange::ImportPolicy* policy = nullptr;  // null in none
    PrefixRanges own_prefixes;
    PrefixRanges rejected_prefixes;
  };
  struct RouterAddress {
    net::IpAddress address;
    net::RouterId router;
  };

  bool is_next_hop(const Peer& peer, const net::IpAddress& next_hop) const;
  std::optional<RejectReason> judge_attributes(const Peer& peer, const net::IpAddress& next_hop,
                                               const bgp::PathAttributes& attributes) const;
  std::optional<RejectReason> judge_block(const Member& member, const PrefixBits& prefix,
                                          const PathVerdict& path) const;
  std::optional<RejectReason> judge_registered(const Peer& peer, const net::Prefix& prefix,
                                               const PathVerdict& path) const;
  std::optional<RejectReason> judge_blackhole(const Peer& peer, const net::Prefix& prefix,
                                              const PathVerdict& path) const;
  rpki::PathState path_state(const bgp::AsPath& path) const;
  bool has_roa(const net::Prefix& prefix, std::optional<net::Asn> origin) const;
  const IrrSets* irr_of(net::ParticipantId participant) const;  // null: no data

  const exchange::Exchange* exchange_;
  ImportData data_;
  std::vector<Member> members_;                  // by participant
  std::vector<RouterAddress> router_addresses_;  // sorted by address
  PrefixRanges peering_lan_;
};

}  // namespace fabrix::routeserver
