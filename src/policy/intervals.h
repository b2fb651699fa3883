// Sets of numbers as sorted, disjoint, non-adjacent inclusive intervals, and their algebra.
//
// Generic in the interval: any struct of `low` and `high` of an unsigned integer type. The policy
// language has two: Interval (64 bits, a header field) and Range128 (an IPv6 address). normalize()
// makes the invariant; every other function expects and keeps it. Linear, after one sort.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "policy/predicate.h"

namespace fabrix::policy {

__extension__ using Uint128 = unsigned __int128;

struct Range128 {
  Uint128 low = 0;
  Uint128 high = 0;

  friend bool operator==(const Range128&, const Range128&) = default;
};

template <typename I>
std::vector<I> normalize(std::vector<I> set) {
  std::sort(set.begin(), set.end(), [](const I& a, const I& b) { return a.low < b.low; });
  std::vector<I> result;
  for (const I& next : set) {
    // low - 1 cannot wrap: a `low` of 0 is never beyond the previous high.
    const bool joins =
        !result.empty() && (next.low <= result.back().high || next.low - 1 == result.back().high);
    if (joins) {
      result.back().high = std::max(result.back().high, next.high);
    } else {
      result.push_back(next);
    }
  }
  return result;
}

template <typename I>
std::vector<I> unite(std::vector<I> a, const std::vector<I>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return normalize(std::move(a));
}

template <typename I>
std::vector<I> intersect(const std::vector<I>& a, const std::vector<I>& b) {
  std::vector<I> result;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const auto low = std::max(a[i].low, b[j].low);
    const auto high = std::min(a[i].high, b[j].high);
    if (low <= high) result.push_back({low, high});
    if (a[i].high < b[j].high) {
      ++i;
    } else {
      ++j;
    }
  }
  return result;
}

// The numbers 0 .. max that are not in `set`.
template <typename I, typename Number>
std::vector<I> complement(const std::vector<I>& set, Number max) {
  std::vector<I> result;
  Number next = 0;
  for (const I& taken : set) {
    if (taken.low > next) result.push_back({next, static_cast<Number>(taken.low - 1)});
    if (taken.high >= max) return result;
    next = static_cast<Number>(taken.high + 1);
  }
  result.push_back({next, max});
  return result;
}

// Is every number of `inner` in `outer`?
template <typename I>
bool includes(const std::vector<I>& outer, const std::vector<I>& inner) {
  return std::all_of(inner.begin(), inner.end(), [&outer](const I& each) {
    const auto found =
        std::partition_point(outer.begin(), outer.end(),
                             [&each](const I& candidate) { return candidate.high < each.low; });
    return found != outer.end() && found->low <= each.low && each.high <= found->high;
  });
}

}  // namespace fabrix::policy
