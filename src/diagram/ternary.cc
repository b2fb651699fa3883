#include "diagram/ternary.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/assert.h"
#include "diagram/row_reader.h"

namespace fabrix::diagram {
namespace {

bool is_expressible(const NodeTable& table, const Row& row) {
  unsigned first = 0;
  return std::ranges::all_of(row.tests, [&](const TernaryTest& test) {
    FABRIX_ASSERT(test.field >= first && test.field < table.field_count());
    first = test.field + 1U;
    return is_expressible(test, table.max_value(test.field));
  });
}

// `row.leaf` where all tests hold, else the hole.
NodeId node_of_row(NodeTable& table, const Row& row) {
  NodeId node = table.leaf(row.leaf);
  for (auto test = row.tests.rbegin(); test != row.tests.rend(); ++test) {
    const auto intervals = intervals_of(*test, table.max_value(test->field));
    node = split_node(table, test->field, *intervals, node, kHoleNode);
  }
  return node;
}

}  // namespace

bool is_expressible(const TernaryTest& test, std::uint64_t max) {
  const bool never_holds = (test.bits & ~(test.mask & max)) != 0;
  return never_holds ||
         std::popcount(free_bits_of(test, max).high) <= std::countr_zero(kMaxIntervalsPerTest);
}

std::optional<std::vector<Interval>> intervals_of(const TernaryTest& test, std::uint64_t max) {
  if (!is_expressible(test, max)) return std::nullopt;
  std::vector<Interval> intervals;
  for_each_interval(test, max, [&](const Interval& each) { intervals.push_back(each); });
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
  // Mostly there is one interval: no memory is asked for.
  std::array<Edge, 3> few;
  std::vector<Edge> many;
  std::span<Edge> edges(few);
  const std::size_t most = 2 * intervals.size() + 1;
  if (most > few.size()) {
    many.resize(most);
    edges = many;
  }
  std::size_t count = 0;
  if (intervals.empty() || intervals.front().low > 0) edges[count++] = {.low = 0, .child = outside};
  for (const Interval& interval : intervals) {
    edges[count++] = {.low = interval.low, .child = inside};
    if (interval.high == table.max_value(field)) break;
    edges[count++] = {.low = interval.high + 1, .child = outside};
  }
  return table.intern(field, edges.first(count));
}

std::optional<NodeId> node_of_rows(NodeTable& table, Operations& operations, RowReader& reader,
                                   std::span<const Row> rows) {
  for (const Row& row : rows) {
    if (!is_expressible(table, row)) return std::nullopt;
  }
  const Budget* budget = operations.budget();
  const auto quickly = budget == nullptr ? reader.read(rows) : reader.read(rows, budget->left());
  if (!operations.spend(reader.work())) return kNoneNode;
  if (quickly) return quickly;
  std::vector<NodeId> nodes;
  nodes.reserve(rows.size());
  for (const Row& row : rows) {
    nodes.push_back(node_of_row(table, row));
  }
  return operations.fill(operations.fill(nodes), kNoneNode);
}

}  // namespace fabrix::diagram
