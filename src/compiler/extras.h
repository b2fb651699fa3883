// What a clause does besides deciding, as part of a row's Action: its meter, and copies to ports;
// and the middleboxes that its packets pass.
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

// What counts the clause's packets; 0: nothing.
std::uint64_t counter_of(const policy::Clause& clause);

// A step on the way through middleboxes: what comes from `from`, one of them, goes to `to`; none:
// what comes from none of them.
struct Detour {
  std::optional<net::RouterId> from;
  net::RouterId to;

  friend auto operator<=>(const Detour&, const Detour&) = default;
};
// Sorted: the one from none of them first. Past those that are down, `port_up` by router; none: all
// of them are, or there are none.
std::vector<Detour> detours(const std::vector<net::RouterId>& via,
                            const std::vector<bool>& port_up);

// The chains of more than one middlebox by which a participant receives, each once, sorted.
using Chains = std::vector<std::vector<net::RouterId>>;
Chains chains_received(const policy::Policy* policy);  // null: none

}  // namespace fabrix::compiler
