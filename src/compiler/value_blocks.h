// ValueBlocks: values of a Line (compiler/value_tests.h) as rows match them: all values that begin
// with the same bits.
//
// Of IPv6 addresses both halves are matched, and networks that begin with the same bits are one
// where the same host of each is meant. Values; any thread.
#pragma once

#include <vector>

#include "compiler/box.h"
#include "compiler/value_tests.h"

namespace fabrix::compiler {

struct ValueBlock {
  Ternary first;  // of the line's field
  Ternary low;    // of the low half, if the line has one; mask 0: any

  friend bool operator==(const ValueBlock&, const ValueBlock&) = default;
};

// Disjoint, in the order in which a table has rows that differ in them alone.
std::vector<ValueBlock> value_blocks(const Line& line, const Values& values);

}  // namespace fabrix::compiler
