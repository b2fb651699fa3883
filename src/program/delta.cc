#include "program/delta.h"

#include <algorithm>
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

bool precedes(const Row* a, const Row* b) {
  return compare_identity(*a, *b) == std::strong_ordering::less;
}

// The rows of `of` that are in no block which `other` has at the same place, in order.
std::vector<const Row*> rows_unlike(const Rows& other, const Rows& of) {
  std::vector<const Row*> rows;
  of.for_each_block_unlike(other, [&rows](const std::vector<Row>& block) {
    for (const Row& row : block) rows.push_back(&row);
  });
  for (const Row& row : of.own()) rows.push_back(&row);
  if (!std::ranges::is_sorted(rows, precedes)) std::ranges::sort(rows, precedes);
  return rows;
}

// Says whether meters may have come, gone or changed.
bool compare_tables(TableId table, const Rows& from, const Rows& to, ProgramDelta& delta) {
  bool metered = false;
  const auto olds = rows_unlike(to, from);
  const auto news = rows_unlike(from, to);
  auto old = olds.begin();
  auto fresh = news.begin();
  while (old != olds.end() || fresh != news.end()) {
    auto order = std::strong_ordering::less;
    if (old == olds.end()) {
      order = std::strong_ordering::greater;
    } else if (fresh != news.end()) {
      order = compare_identity(**old, **fresh);
    }
    const bool old_meter = std::is_lteq(order) && (*old)->meter;
    const bool fresh_meter = std::is_gteq(order) && (*fresh)->meter;
    metered = metered || old_meter || fresh_meter;
    if (order == std::strong_ordering::less) {
      delta.remove.emplace_back(table, *old++);
    } else if (order == std::strong_ordering::greater) {
      delta.add.emplace_back(table, *fresh++);
    } else {
      if (!(**old == **fresh)) delta.modify.emplace_back(table, *fresh);
      ++old;
      ++fresh;
    }
  }
  return metered;
}

void compare_meters(const std::vector<Meter>& from, const std::vector<Meter>& to,
                    ProgramDelta& delta) {
  auto old = from.begin();
  auto fresh = to.begin();
  while (old != from.end() || fresh != to.end()) {
    if (fresh == to.end() || (old != from.end() && old->id < fresh->id)) {
      delta.remove_meters.push_back(*old++);
    } else if (old == from.end() || fresh->id < old->id) {
      delta.add_meters.push_back(*fresh++);
    } else {
      if (*old != *fresh) delta.modify_meters.push_back(*fresh);
      ++old;
      ++fresh;
    }
  }
}

}  // namespace

ProgramDelta difference(const Program& from, const Program& to) {
  ProgramDelta delta;
  bool metered = false;
  for (std::size_t i = 0; i < kTableCount; ++i) {
    const auto table = static_cast<TableId>(i);
    metered = compare_tables(table, from.table(table), to.table(table), delta) || metered;
  }
  if (metered) compare_meters(from.meters(), to.meters(), delta);
  return delta;
}

}  // namespace fabrix::program
