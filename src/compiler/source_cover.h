// cover_of(): the fewest prefixes that together have the same addresses.
//
// Pure. O(n log n).
#pragma once

#include <vector>

#include "net/prefix.h"

namespace fabrix::compiler {

// Sorted; none contains another, and no two are the halves of one.
std::vector<net::Prefix> cover_of(std::vector<net::Prefix> prefixes);

}  // namespace fabrix::compiler
