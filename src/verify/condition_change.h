// Where the clauses of two lists differ in what they say of packets, by the values of a Key
// (verify/extent.h).
//
// Compares condition by condition and operand by operand, and by extents where these do not
// correspond. Recursion is bounded by kMaxDepth. Values; any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "policy/policy.h"
#include "verify/extent.h"

namespace fabrix::verify {

// All packets of which a condition says something else have one of these values. None: they may
// have any, or there are more than `most` ranges of them, or clauses do something else.
std::optional<Ranges> values_between(const policy::ClauseList& before,
                                     const policy::ClauseList& now, const Key& key,
                                     std::size_t most);

}  // namespace fabrix::verify
