#include "program/delta.h"

#include <compare>
#include <cstddef>

namespace fabrix::program {
namespace {

// In the order of rows within a table: higher priorities first.
std::strong_ordering compare_identity(const Row& a, const Row& b) {
  if (const auto order = b.priority <=> a.priority; order != std::strong_ordering::equal) {
    return order;
  }
  return a.match <=> b.match;
}

void compare_tables(TableId table, const std::vector<Row>& from, const std::vector<Row>& to,
                    ProgramDelta& delta) {
  auto old = from.begin();
  auto fresh = to.begin();
  while (old != from.end() || fresh != to.end()) {
    auto order = std::strong_ordering::less;
    if (old == from.end()) {
      order = std::strong_ordering::greater;
    } else if (fresh != to.end()) {
      order = compare_identity(*old, *fresh);
    }
    if (order == std::strong_ordering::less) {
      delta.remove.emplace_back(table, *old++);
    } else if (order == std::strong_ordering::greater) {
      delta.add.emplace_back(table, *fresh++);
    } else {
      if (!(*old == *fresh)) delta.modify.emplace_back(table, *fresh);
      ++old;
      ++fresh;
    }
  }
}

}  // namespace

ProgramDelta difference(const Program& from, const Program& to) {
  ProgramDelta delta;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    compare_tables(table, from.table(table), to.table(table), delta);
  }
  return delta;
}

}  // namespace fabrix::program
