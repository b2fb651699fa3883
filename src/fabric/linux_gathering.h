// gather(): rows that test the same bits, whatever their priorities, brought together where nothing
// that lies between them minds.
//
// A policy of thousands of clauses gives each of them a priority of its own, though hardly any two
// overlap. Rows with equal masks either are the same match, and then the later one is out of reach,
// or do not overlap; so a row may join earlier ones of its kind if it overlaps none of the rows in
// between. What kinds of rows have in common is compared by hashes: a collision keeps two rows
// apart that need not be. Pure.
#pragma once

#include <span>
#include <vector>

#include "base/budget.h"
#include "program/program.h"

namespace fabrix::fabric {

// A number for each row that says what, besides its masks, it must have in common with others.
using LinuxKind = std::size_t;
struct LinuxCandidate {
  const program::Row* row = nullptr;
  LinuxKind kind = 0;
};

// `rows` by falling priority; so are the groups to be tried, and in each the rows do not overlap.
// O(rows x kMostBetween); once the budget is spent, what it returns means nothing.
inline constexpr std::size_t kMostBetween = 64;  // kinds of rows that one may be moved past
std::vector<std::vector<const program::Row*>> gather(std::span<const LinuxCandidate> rows,
                                                     Budget& budget);

}  // namespace fabrix::fabric
