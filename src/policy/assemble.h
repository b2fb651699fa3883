// assemble(): a parsed file to a Policy: its sections elaborated and lowered, in given states of
// its fsms.
//
// Pure but for the report.
#pragma once

#include "policy/elaborate.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "policy/syntax.h"

namespace fabrix::policy {

struct Assembly {
  Checked checked;
  Policy policy;  // without a section in which there is an error
};

Assembly assemble(const File& file, const SymbolTable& symbols, const FsmContext& fsms,
                  Report& report);

// The clauses and queries of one direction; none if it has no section.
ClauseList lower_direction(const Checked& checked, Direction direction, const SymbolTable& symbols,
                           Report& report);

}  // namespace fabrix::policy
