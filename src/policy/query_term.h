// Queries as terms: from their syntax, and where they may stand.
//
// A query decides nothing, so nothing follows it in a sequence, and it sees a packet before that is
// forwarded or dropped (P0320): `a >> count_packets(1s)` stands beside the policy with `+`.
//
// Pure but for the report.
#pragma once

#include "policy/query.h"
#include "policy/report.h"
#include "policy/syntax.h"
#include "policy/term.h"

namespace fabrix::policy {

// Of a kQuery. Null: reported (P0201 unknown field, P0321 interval or name, P0323 field).
QuerySpecPtr query_spec(const Syntax& syntax, Report& report);

// False: reported.
bool check_queries(const Sequence& sequence, Report& report);

}  // namespace fabrix::policy
