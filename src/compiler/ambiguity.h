// Ambiguity: clauses side by side under `+` that overlap and decide differently (P0301, an error,
// with a packet).
//
// Pure but for the store.
#pragma once

#include <vector>

#include "base/diagnostic.h"
#include "compiler/clause_analysis.h"

namespace fabrix::compiler {

// At most kMaxFindings, in order. None of it means anything if the store's budget is spent.
std::vector<Diagnostic> find_ambiguities(ClauseAnalysis& analysis);

}  // namespace fabrix::compiler
