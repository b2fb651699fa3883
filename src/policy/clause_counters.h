// count_clauses(): a counter for each clause of a policy that may apply (#pragma count = clauses).
//
// A clause counts on over changes of the policy as long as what it says stays, wherever it stands;
// of several that say the same, the first is the first. Pure.
#pragma once

#include "policy/parse.h"
#include "policy/policy.h"

namespace fabrix::policy {

void count_clauses(Policy& policy, const SymbolTable& symbols);

}  // namespace fabrix::policy
