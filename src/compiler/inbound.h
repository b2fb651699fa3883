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

// None: more than kMaxPolicyRows.
std::optional<std::vector<program::Row>> inbound_rows(const exchange::Exchange& exchange,
                                                      net::ParticipantId owner,
                                                      const policy::ClauseList& list,
                                                      diagram::Store& store,
                                                      const RouteSense& sense);

}  // namespace fabrix::compiler
