// Ternary tests as intervals, and rows of them as diagrams.
#pragma once

#include <bit>
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

// The bits that a test leaves free: the last ones make an interval, the others many of them.
struct FreeBits {
  std::uint64_t high = 0;
  std::uint64_t tail = 0;
};
inline FreeBits free_bits_of(const TernaryTest& test, std::uint64_t max) {
  const std::uint64_t free = max & ~test.mask;
  if (free == ~std::uint64_t{0}) return {.high = 0, .tail = free};
  const std::uint64_t tail = (std::uint64_t{1} << static_cast<unsigned>(std::countr_one(free))) - 1;
  return {.high = free & ~tail, .tail = tail};
}

// Whether there are at most kMaxIntervalsPerTest intervals.
bool is_expressible(const TernaryTest& test, std::uint64_t max);

// Visits those of intervals_of(), however many there are.
template <typename Visit>
void for_each_interval(const TernaryTest& test, std::uint64_t max, const Visit& visit) {
  if ((test.bits & ~(test.mask & max)) != 0) return;
  const FreeBits free = free_bits_of(test, max);
  std::uint64_t chosen = 0;
  do {
    const std::uint64_t low = test.bits | chosen;
    visit(Interval{.low = low, .high = low | free.tail});
    chosen = (chosen - free.high) & free.high;  // the next larger subset of free.high
  } while (chosen != 0);
}

// The values v <= max (all ones) with (v & mask) == bits: disjoint intervals that do not touch,
// ascending. None if there are more than kMaxIntervalsPerTest.
std::optional<std::vector<Interval>> intervals_of(const TernaryTest& test, std::uint64_t max);

// How many prefixes it takes to cover an interval, exactly and without overlap.
std::size_t prefix_count(const Interval& interval);

// `inside` for the values in `intervals` (as intervals_of gives them), `outside` for all others.
NodeId split_node(NodeTable& table, FieldIndex field, std::span<const Interval> intervals,
                  NodeId inside, NodeId outside);

class RowReader;

// As Store::from_rows. All are of one table.
std::optional<NodeId> node_of_rows(NodeTable& table, Operations& operations, RowReader& reader,
                                   std::span<const Row> rows);

}  // namespace fabrix::diagram
