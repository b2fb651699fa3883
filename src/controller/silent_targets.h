// silent_targets(): a note (P0317) about each participant to whom a policy forwards and who
// announces nothing now, so that these clauses do not apply yet. Nothing is wrong with the policy.
#pragma once

#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "exchange/exchange.h"
#include "policy/policy.h"
#include "routeserver/route_server.h"

namespace fabrix::controller {

// Of what `policy` does in all states of its fsms, at the first clause that names the participant.
std::vector<Diagnostic> silent_targets(const exchange::Exchange& exchange,
                                       const routeserver::RouteServer& routes,
                                       const policy::Policy& policy, std::string_view file);

}  // namespace fabrix::controller
