// ProgramDelta: the difference between two Programs, row by row: what a target must be told.
#pragma once

#include <utility>
#include <vector>

#include "program/program.h"

namespace fabrix::program {

// A row is identified by (table, priority, match): two rows with the same identity are the same
// rule with other actions, hence a modification.
struct ProgramDelta {
  // Meters by id. New ones are needed before the rows, old ones until after.
  std::vector<Meter> remove_meters;
  std::vector<Meter> modify_meters;  // new rates
  std::vector<Meter> add_meters;

  // Rows of the Programs that are compared, which must outlive this.
  using Rows = std::vector<std::pair<TableId, const Row*>>;
  Rows remove;
  Rows modify;  // new contents
  Rows add;

  bool empty() const { return size() == 0 && meter_count() == 0; }
  std::size_t size() const { return remove.size() + modify.size() + add.size(); }  // rows
  std::size_t meter_count() const {
    return remove_meters.size() + modify_meters.size() + add_meters.size();
  }
};

// Neighbours are not part of it: the controller answers from the Program itself.
// O(participants + rows of those whose blocks are not shared).
ProgramDelta difference(const Program& from, const Program& to);

}  // namespace fabrix::program
