// Extent: for which values of a Key a condition may hold, and whether it asks for nothing else.
//
// A Key is a field, or an IPv6 address, whose halves are two fields; of all packets, or of one
// family alone. Linear in what is named, if it is in order. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "net/field.h"
#include "policy/intervals.h"
#include "policy/predicate.h"

namespace fabrix::verify {

struct Key {
  std::optional<std::uint64_t> eth_type{};  // of packets that have it; none: of all
  net::Field field = net::Field::kInPort;   // of an IPv6 address the high half
  std::optional<net::Field> low{};          // the low half

  policy::Uint128 max() const;

  friend bool operator==(const Key&, const Key&) = default;
};

using Ranges = std::vector<policy::Range128>;  // sorted, disjoint, not adjacent

struct Extent {
  std::optional<Ranges> values{};  // it holds for no others; none: for any
  bool exact = false;              // whether it holds for all packets with these
};

// `high`, if known, is the high half of all packets that matter. Recursion is bounded by kMaxDepth.
Extent extent_of(const policy::Predicate& predicate, const Key& key,
                 std::optional<std::uint64_t> high = {});

// The high half that all operands together leave, if a test says so; else what was known.
std::optional<std::uint64_t> high_within(const policy::And& all, const Key& key,
                                         std::optional<std::uint64_t> known);

}  // namespace fabrix::verify
