// Rows for tests of the Linux fabric's compilation.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/budget.h"
#include "program/program.h"

namespace fabrix::fabric {

inline program::Row row_to(std::uint32_t port, std::uint16_t priority, program::Match match = {}) {
  program::Row row;
  row.priority = priority;
  row.match = std::move(match);
  row.next = program::Output{net::PortNo{port}};
  return row;
}

inline program::Match to_port(std::uint64_t port) {
  return program::Match{}.exact(net::Field::kDstPort, port);
}

inline Budget& enough() {
  static Budget budget(std::numeric_limits<std::uint64_t>::max());
  return budget;
}

inline std::vector<const program::Row*> by_priority(const std::vector<program::Row>& rows) {
  std::vector<const program::Row*> all;
  for (const program::Row& row : rows) all.push_back(&row);
  std::ranges::stable_sort(all, std::ranges::greater{}, &program::Row::priority);
  return all;
}

}  // namespace fabrix::fabric
