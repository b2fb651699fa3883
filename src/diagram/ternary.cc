#include "diagram/ternary.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace fabrix::diagram {
namespace {

// `row.leaf` where all tests hold, else the hole.
std::optional<NodeId> node_of_row(NodeTable& table, const Row& row) {
  NodeId node = table.leaf(row.leaf);
  FieldIndex later = kLeafField;
  for (auto test = row.tests.rbegin(); test != row.tests.rend(); ++test) {
    FABRIX_ASSERT(test->field < later && test->field < table.field_count());
    later = test->field;
    const auto intervals = intervals_of(*test, table.max_value(test->field));
    if (!intervals) return std::nullopt;
    node = split_node(table, test->field, *intervals, node, kHoleNode);
  }
  return node;
}

}  // namespace

std::optional<std::vector<Interval>> intervals_of(const TernaryTest& test, std::uint64_t max) {
  if ((test.bits & ~(test.mask & max)) != 0) return std::vector<Interval>{};
  const std::uint64_t free_bits = max & ~test.mask;
  const int tail = std::min(std::countr_one(free_bits), 63);
  const std::uint64_t tail_bits = free_bits == ~std::uint64_t{0}
                                      ? free_bits
                                      : (std::uint64_t{1} << static_cast<unsigned>(tail)) - 1;
  const std::uint64_t high_bits = free_bits & ~tail_bits;
  if (std::popcount(high_bits) > std::countr_zero(kMaxIntervalsPerTest)) return std::nullopt;

  std::vector<Interval> intervals;
  std::uint64_t chosen = 0;
  do {
    const std::uint64_t low = test.bits | chosen;
    intervals.push_back({.low = low, .high = low | tail_bits});
    chosen = (chosen - high_bits) & high_bits;  // the next larger subset of high_bits
  } while (chosen != 0);
  return intervals;
}

std::size_t prefix_count(const Interval& interval) {
  std::size_t count = 0;
  std::uint64_t low = interval.low;
  for (;;) {
    ++count;
    // The largest aligned block that starts at `low` and stays inside.
    std::uint64_t block = low == 0 ? ~std::uint64_t{0} : (low & (~low + 1)) - 1;
    while (block > interval.high - low) block >>= 1U;
    if (block == interval.high - low) return count;
    low += block + 1;
  }
}

NodeId split_node(NodeTable& table, FieldIndex field, std::span<const Interval> intervals,
                  NodeId inside, NodeId outside) {
  std::vector<Edge> edges;
  if (intervals.empty() || intervals.front().low > 0) edges.push_back({.low = 0, .child = outside});
  for (const Interval& interval : intervals) {
    edges.push_back({.low = interval.low, .child = inside});
    if (interval.high == table.max_value(field)) break;
    edges.push_back({.low = interval.high + 1, .child = outside});
  }
  return table.intern(field, edges);
}

std::optional<NodeId> node_of_rows(NodeTable& table, Operations& operations,
                                   std::span<const Row> rows) {
  std::vector<NodeId> nodes;
  nodes.reserve(rows.size());
  for (const Row& row : rows) {
    const std::optional<NodeId> node = node_of_row(table, row);
    if (!node) return std::nullopt;
    nodes.push_back(*node);
  }
  return operations.fill(operations.fill(nodes), kNoneNode);
}

}  // namespace fabrix::diagram
