// Precedents: who is told what of a prefix, kept for the other prefixes of one publication that
// changed in just the same way: most of those that a member announces together.
//
// Bounded by the prefixes of one publication. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/prefix.h"
#include "routeserver/hop_sets.h"
#include "routeserver/route_list.h"

namespace fabrix::routeserver {

class Precedents {
 public:
  // All that decides what clients are told of a prefix.
  struct Case {
    net::Family family = net::Family::kIpv4;
    std::span<const RouteRef> before;
    std::span<const RouteRef> now;
    HopSetId hops_before = 0;
    HopSetId hops_now = 0;
  };
  // What they were told: places in the batch (UpdateBatch). Good until the next add().
  using Verdict = std::span<const std::size_t>;

  // None: there was no such case yet.
  std::optional<Verdict> find(const Case& one) const;
  void add(const Case& one, Verdict verdict);
  void clear();

 private:
  struct Entry {
    net::Family family = net::Family::kIpv4;
    HopSetId hops_before = 0;
    HopSetId hops_now = 0;
    std::size_t routes = 0;  // where they begin: before, then now
    std::size_t before = 0;  // how many
    std::size_t now = 0;
    std::size_t verdict = 0;  // where it begins
    std::size_t places = 0;   // how many
  };

  bool is(const Entry& entry, const Case& one) const;

  std::vector<Entry> entries_;
  std::vector<RouteRef> routes_;
  std::vector<std::size_t> places_;
  // By hash; of cases whose hashes collide the last is found, which costs time and nothing else.
  boost::unordered_flat_map<std::size_t, std::size_t> index_;
};

}  // namespace fabrix::routeserver
