// Shortfall: what of one participant's policy the exchange has no room for, so that it falls back
// to default forwarding there (FABRIC, "Tags", pools). Whoever makes the tables says so, and
// whoever checks them takes it as said: what is not named here must be right.
//
// Values; any thread.
#pragma once

#include <vector>

#include "net/ids.h"
#include "net/ip_address.h"
#include "policy/policy.h"

namespace fabrix::policy {

struct Shortfall {
  net::ParticipantId owner;
  // Targets, as clauses name them, that tags cannot tell of: outbound clauses that forward there
  // and leave the destination as it is never apply. Sorted.
  std::vector<Target> untold;
  // Some prefixes of the family keep the real next hop, past the outbound policy, for want of
  // virtual ones.
  bool short_of_next_hops4 = false;
  bool short_of_next_hops6 = false;
  // The whole half does not apply: it would need too many rows.
  bool no_outbound = false;
  bool no_inbound = false;
  // The queries of the direction count nothing, for the same reason.
  bool no_outbound_queries = false;
  bool no_inbound_queries = false;
  // Where its packets come from is not checked (exchange::SourceRule), for want of room.
  bool no_source_check = false;

  bool short_of_next_hops(net::Family family) const {
    return family == net::Family::kIpv4 ? short_of_next_hops4 : short_of_next_hops6;
  }
  friend bool operator==(const Shortfall&, const Shortfall&) = default;
};

}  // namespace fabrix::policy
