// lower_queries(): the queries in a term, each as the condition under which it counts.
//
// The definition that it preserves is interpret()'s record of the queries a packet reaches. More
// counters than kMaxQueries are P0409, a field of too many values P0410, and two different queries
// of one name P0322. Pure but for the report.
#pragma once

#include <vector>

#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/query.h"
#include "policy/report.h"
#include "policy/term.h"

namespace fabrix::policy {

// In the order of their labels.
std::vector<Query> lower_queries(const Term& term, Direction direction, const SymbolTable& symbols,
                                 Report& report);

// Whether there is any query in it.
bool counts(const Term& term);

}  // namespace fabrix::policy
