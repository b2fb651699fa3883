// ProgramDelta: the difference between two Programs, row by row: what a target must be told.
#pragma once

#include <utility>
#include <vector>

#include "program/program.h"

namespace fabrix::program {

// A row is identified by (table, priority, match): two rows with the same identity are the same
// rule with other actions, hence a modification.
struct ProgramDelta {
  std::vector<std::pair<TableId, Row>> remove;
  std::vector<std::pair<TableId, Row>> modify;  // new contents
  std::vector<std::pair<TableId, Row>> add;

  bool empty() const { return remove.empty() && modify.empty() && add.empty(); }
  std::size_t size() const { return remove.size() + modify.size() + add.size(); }
};

// Neighbours are not part of it: the controller answers from the Program itself.
// O(participants + rows of those whose blocks are not shared).
ProgramDelta difference(const Program& from, const Program& to);

}  // namespace fabrix::program
