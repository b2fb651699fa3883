// The decision process: which of several routes to a prefix is best, as RFC 4271 §9.1.2 says and a
// route server applies it (RFC 7947): no local preference, every route external, no interior cost.
//
//   1. shortest AS path   2. lowest origin   3. lowest MED among routes of one neighbouring AS
//   (none is 0)
//   4. lowest BGP identifier of the announcing router   5. lowest address of its session
//
// MED makes "better than" no order (RFC 4451 §2), so ranking works on the whole set.
#pragma once

#include <vector>

#include "routeserver/route.h"

namespace fabrix::routeserver {

// Brings the routes into the order of preference: the first is the best; the second is the best of
// the others; and so on. The result does not depend on the order before. O(n log n) without MEDs,
// else O(n^2).
void rank(std::vector<const Route*>& routes);

}  // namespace fabrix::routeserver
