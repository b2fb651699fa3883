// share_rows: makes one general row do the work of several special ones.
//
// A diagram tests its fields in one order, so a clause that does not test an early field but takes
// precedence over one that does comes out once for every value of that field, and once in general.
// Moving the general row up, before the first of the special ones, makes those superfluous.
//
// Keeps the meaning of the list exactly; looks only so far ahead, so that time is linear in the
// rows. Where the budget (null: none) is spent it shares no more.
#pragma once

#include <vector>

#include "base/budget.h"
#include "diagram/diagram.h"

namespace fabrix::diagram {

// `rows` as RowEmitter makes them: tests sorted by field, the last row without tests, which stays
// so.
void share_rows(std::vector<Row>& rows, Budget* budget);

}  // namespace fabrix::diagram
