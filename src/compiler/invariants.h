// Invariants: does a policy do what its owner says must hold of it (docs/policy.md, "Invariants")?
//
// Of all packets, by diagrams, and whatever the routes are: `never` is broken by what would happen
// for some routes. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/diagnostic.h"
#include "policy/parse.h"
#include "policy/policy.h"

namespace fabrix::compiler {

// P0311 for each invariant that does not hold, with a packet, at the clause that breaks it or,
// where it is none, at the invariant. P0402: too many conditions on routes to tell. P0412: the
// budget is spent; without one there are kPolicySteps (compiler/judge.h).
std::vector<Diagnostic> check_invariants(const policy::Policy& policy,
                                         const policy::SymbolTable& symbols, std::string_view file,
                                         Budget& budget);
std::vector<Diagnostic> check_invariants(const policy::Policy& policy,
                                         const policy::SymbolTable& symbols, std::string_view file);

}  // namespace fabrix::compiler
