// FieldPlan: how targets that do not all fit share the reach bits of a sender's tags.
//
// Targets that no present class reaches together share a field (greedy graph colouring, those in
// most conflicts first). Where that does not fit, the conflicts of the fewest classes are passed
// over: two targets of one field that a class reaches both get an alias, a code that stands for
// both, while the field has codes left; the sets of units that remain go to an overflow field, a
// code for each. The last resort is to leave targets out.
//
// Rows are the price: a clause needs one for each code that says its target. Pure and
// deterministic; the order of `present` does not matter. Time is in targets squared and in the
// sizes of the sets.
#pragma once

#include <span>
#include <vector>

#include "compiler/codebook.h"

namespace fabrix::compiler {

struct PlannedField {
  std::vector<CodedTarget> targets;  // sorted
  std::vector<Units> codes;          // of single units in order, then aliases
  unsigned width = 0;
};

struct FieldPlan {
  std::vector<PlannedField> fields;
  std::vector<Units> overflow;          // sorted
  unsigned overflow_width = 0;          // takes what no field needs, for sets to come
  std::vector<policy::Target> dropped;  // sorted; not in `fields`, and left out of `overflow`
};

// Sets of units in the overflow field cost rows in each clause that they say something about: the
// sum of their sizes is at most that.
inline constexpr std::size_t kMaxOverflowUnits = 8192;

// Both sorted; `present` distinct.
FieldPlan plan_fields(std::span<const CodedTarget> targets, std::span<const Units> present,
                      unsigned width);

}  // namespace fabrix::compiler
