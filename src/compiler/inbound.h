// Rows of one participant's inbound policy: which of its ports a packet for it takes, if any.
//
// Nothing in it asks routes, but for prefix sets and questions. Pure but for `store`, which is
// scratch.
#pragma once

#include <optional>
#include <vector>

#include "compiler/clause_rows.h"
#include "diagram/diagram.h"
#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "policy/policy.h"

namespace fabrix::compiler {

struct Receiving {
  const exchange::Exchange& exchange;
  const std::vector<bool>& port_up;  // by router
  net::ParticipantId owner;
};

// None: more than kMaxPolicyRows.
std::optional<std::vector<program::Row>> inbound_rows(const Receiving& receiving,
                                                      const policy::ClauseList& list,
                                                      diagram::Store& store,
                                                      const RouteSense& sense);

}  // namespace fabrix::compiler
