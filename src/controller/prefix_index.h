// PrefixIndex: the prefixes that may have routes, in order, to find those inside a block.
//
// The route server's own table is hashed, for it is asked for single prefixes only. Built once from
// a sorted list and kept up by add(); what is gone is dropped now and then, so there are never many
// more entries than prefixes with routes. About 20 octets each. Finding costs O(log n), adding
// O(log n) amortised. Not thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "net/prefix.h"

namespace fabrix::controller {

class PrefixIndex {
 public:
  using Test = std::function<bool(const net::Prefix&)>;

  // `is_known` says whether a prefix is worth keeping.
  explicit PrefixIndex(Test is_known);

  bool is_built() const { return sorted_.has_value(); }
  void build(std::vector<net::Prefix> sorted);
  void clear();

  // Only when built.
  void add(const net::Prefix& prefix);
  // Whether `test` holds for any entry strictly inside `block`; asks for no more than it needs.
  bool any_inside(const net::Prefix& block, const Test& test) const;

  std::size_t size() const { return (sorted_ ? sorted_->size() : 0) + added_.size(); }

 private:
  void merge();

  Test is_known_;
  std::optional<std::vector<net::Prefix>> sorted_;
  std::set<net::Prefix> added_;  // and not in sorted_
};

}  // namespace fabrix::controller
