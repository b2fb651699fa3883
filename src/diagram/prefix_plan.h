// PrefixPlan: the cheapest list of prefixes that tells apart the labels of one field's values.
//
// Given a field cut into labelled segments, chooses prefixes with labels such that the longest
// chosen prefix that covers a value has the value's label. A prefix costs its label's weight. This
// is ORTC (Draves, King, Venkatachary, Zill, INFOCOM 1999) with weights, and with values that need
// no prefix at all: those whose label is free, as long as no chosen prefix covers them.
//
// Pure. Time is in the number of segments times the width.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fabrix::diagram {

using Label = std::uint32_t;

// The values from `low` to just below the next segment's.
struct Segment {
  std::uint64_t low = 0;
  Label label = 0;
};

struct LabelCost {
  std::uint64_t weight = 1;  // of a prefix of this label; 1..2^32
  bool free = false;         // its values need no prefix where none covers them
};

inline constexpr std::size_t kNoPrefix = ~std::size_t{0};

struct PlannedPrefix {
  std::uint64_t bits = 0;
  std::uint64_t mask = 0;  // 0: every value
  Label label = 0;
  std::size_t parent = kNoPrefix;  // the longest chosen prefix that contains this one
  friend bool operator==(const PlannedPrefix&, const PlannedPrefix&) = default;
};

// Values from `low` to the next piece lie in one segment and under one prefix.
struct PlannedPiece {
  std::uint64_t low = 0;
  std::size_t prefix = kNoPrefix;
};

struct PrefixPlan {
  std::vector<PlannedPrefix> prefixes;   // each after its parent
  std::vector<std::size_t> match_order;  // of prefixes: each before its parent
  std::vector<PlannedPiece> pieces;      // ascending
};

// `segments` start at 0 and ascend; `max` is the field's greatest value, all ones. costs[label].
// If no label is free, one prefix covers every value, and it is the last in match_order.
PrefixPlan plan_prefixes(std::span<const Segment> segments, std::span<const LabelCost> costs,
                         std::uint64_t max);

}  // namespace fabrix::diagram
