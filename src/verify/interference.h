// Interference: I10, whether a change altered packets that are none of its business: a change of
// A's policy alters only packets from A or to A, a change of a port only what comes out at its
// participant, and only changes of routes reach further.
//
// Rows of all others must be the very same, which keeps what they do to every packet. But for what
// they hash: that alone does nothing to a packet.
#pragma once

#include <vector>

#include "exchange/exchange.h"
#include "net/ids.h"
#include "program/delta.h"
#include "program/program.h"
#include "verify/findings.h"
#include "verify/plan.h"

namespace fabrix::verify {

// Why a Program differs from the one before.
struct Causes {
  explicit Causes(const exchange::Exchange& exchange)
      : participants(exchange.participants.size()),
        ports_of(exchange.participants.size()),
        renumbered(exchange.participants.size()),
        entrances(exchange.participants.size()) {}

  IdSet<net::ParticipantId> participants;  // whose policies, or room for them, changed
  IdSet<net::ParticipantId> ports_of;      // one of whose ports went up or down
  IdSet<net::ParticipantId> renumbered;    // to whom virtual next hops are newly given
  IdSet<net::ParticipantId> entrances;     // what they receive is counted now, or no longer
  bool routes = false;                     // some prefixes' routes changed
  bool hashing = false;                    // inbound policies test other buckets
};

struct Alteration {
  const program::Program& before;
  const program::ProgramDelta& delta;
  const std::vector<program::VirtualNeighbor>& fresh;
  const std::vector<program::VirtualNeighbor>& gone;
};

void check_interference(const Task& task, const Causes& causes, const Alteration& alteration);

}  // namespace fabrix::verify
