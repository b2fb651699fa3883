// lower(): a term to the ordered clauses that mean the same.
//
// Sequences are multiplied out with writes folded into later tests, what cannot apply is left out
// (P0307 when somebody wrote it), and under `+` an identity stands behind what decides, so that the
// first applicable clause is always the right one. More than kMaxClauses is P0401. The definition
// it preserves is policy/interpret.h; tests/policy/lower_test.cc compares the two. Pure but for the
// report.
#pragma once

#include <cstdint>

#include "policy/policy.h"
#include "policy/report.h"
#include "policy/term.h"

namespace fabrix::policy {

// What final_policy keeps for what the owner receives: not the writes that forward nowhere.
enum class Keep : std::uint8_t { kEverything, kForwardsOnly };

ClauseList lower(const Term& term, Keep keep, Report& report);

}  // namespace fabrix::policy
