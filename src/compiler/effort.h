// try_out(): makes the diagram of all that a list of clauses does, so as to see what that takes.
//
// The rows of a policy, and the proof that they are right, need that function or much the same one;
// a policy for which it is too much is refused for it (compiler/judge.h). A clause whose target may
// be unreachable applies where a bit says so, one for each target as far as there are some.
#pragma once

#include <cstdint>

#include "compiler/clause_analysis.h"

namespace fabrix::compiler {

// Takes steps from the store's budget.
void try_out(ClauseAnalysis& analysis);

// Whether it shows at once that try_out() takes at most so many steps: that is so of few clauses of
// which no two match the same packets, which most policies are. One-sided.
bool takes_at_most(std::uint64_t steps, const ClauseAnalysis& analysis);

}  // namespace fabrix::compiler
