// What a clause does besides deciding, as part of a row's Action: its meter, and copies to ports.
//
// Pure.
#pragma once

#include "compiler/clause_rows.h"
#include "exchange/exchange.h"
#include "net/ids.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// `action` with the extras of a clause of `owner`.
Action with_extras(Action action, const policy::Extras& extras, net::ParticipantId owner,
                   const exchange::Exchange& exchange);

}  // namespace fabrix::compiler
