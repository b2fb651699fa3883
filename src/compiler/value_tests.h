// ValueTests: what conditions ask of the values of one Line, as numbered sets of values; and the
// conditions again, with tests of the numbers in place of that.
//
// A Line is the values of a field, or the IPv6 addresses of packets, whose halves are two fields:
// there "the high half is this and the low half is that" is one set. What is asked of addresses
// must stand beside a test of the family, so that for packets of the other family it makes no
// difference. Linear in the intervals that are named, which are mostly in order. Values; any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "net/field.h"
#include "policy/intervals.h"
#include "policy/predicate.h"

namespace fabrix::compiler {

struct Line {
  net::Field field = net::Field::kInPort;   // of IPv6 addresses the high half
  std::optional<net::Field> low{};          // the low half
  std::optional<std::uint16_t> eth_type{};  // of addresses: of the packets that have them

  policy::Uint128 max() const;

  friend bool operator==(const Line&, const Line&) = default;
};

// The IPv6 addresses and the IPv4 addresses on that side.
Line ip6_line(policy::Side side);
Line ip4_line(policy::Side side);

using Values = std::vector<policy::Range128>;  // sorted, disjoint, not adjacent

struct ValueTests {
  std::vector<Values> sets;  // no two are equal
  // Where a test of the line's field has one interval, {n, n}, it means "in sets[n]". There are no
  // other tests of the line.
  std::vector<policy::PredicatePtr> conditions;

  // None: there are more sets than kMaxValueSets, or one that takes more than a few ranges to say;
  // or a condition asks for routes, whose prefixes are no tests. The conditions must outlive this.
  static std::optional<ValueTests> of(std::span<const policy::PredicatePtr> conditions,
                                      const Line& line);
};

inline constexpr std::size_t kMaxValueSets = 64;

}  // namespace fabrix::compiler
