// What a clause does besides deciding, as part of a row's Action: its meter, and copies to ports;
// and the middlebox that its packets pass.
//
// Pure.
#pragma once

#include <optional>
#include <vector>

#include "compiler/clause_rows.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// `action` with the extras of a clause of `owner`.
Action with_extras(Action action, const policy::Extras& extras, net::ParticipantId owner,
                   const exchange::Exchange& exchange);

// The middlebox port, if packets are to pass one and it is up. `port_up` by router.
std::optional<net::RouterId> open_middlebox(const policy::Extras& extras,
                                            const std::vector<bool>& port_up);

}  // namespace fabrix::compiler
