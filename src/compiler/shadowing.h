// Shadowing: clauses that can never apply, because earlier ones take all of their packets (P0310, a
// warning).
//
// Pure but for the store.
#pragma once

#include <vector>

#include "base/diagnostic.h"
#include "compiler/clause_analysis.h"

namespace fabrix::compiler {

// At most kMaxFindings, in order. None of it means anything if the store's budget is spent.
std::vector<Diagnostic> find_shadowed(ClauseAnalysis& analysis);

}  // namespace fabrix::compiler
