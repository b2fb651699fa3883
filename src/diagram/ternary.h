// Ternary tests as intervals, and rows of them as diagrams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "diagram/diagram.h"
#include "diagram/node_table.h"
#include "diagram/operations.h"

namespace fabrix::diagram {

inline constexpr std::size_t kMaxIntervalsPerTest = 4096;

// Inclusive.
struct Interval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

// The values v <= max (all ones) with (v & mask) == bits: disjoint intervals that do not touch,
// ascending. None if there are more than kMaxIntervalsPerTest.
std::optional<std::vector<Interval>> intervals_of(const TernaryTest& test, std::uint64_t max);

// How many prefixes it takes to cover an interval, exactly and without overlap.
std::size_t prefix_count(const Interval& interval);

// `inside` for the values in `intervals` (as intervals_of gives them), `outside` for all others.
NodeId split_node(NodeTable& table, FieldIndex field, std::span<const Interval> intervals,
                  NodeId inside, NodeId outside);

// As Store::from_rows.
std::optional<NodeId> node_of_rows(NodeTable& table, Operations& operations,
                                   std::span<const Row> rows);

}  // namespace fabrix::diagram
