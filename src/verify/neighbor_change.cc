#include "verify/neighbor_change.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace fabrix::verify {
namespace {

using program::VirtualNeighbor;
using Neighborhood = std::vector<VirtualNeighbor>;

Neighborhood all_of(const program::Neighbors& neighbors) {
  Neighborhood all(neighbors.begin(), neighbors.end());
  std::ranges::sort(all);
  return all;
}

bool is_of_one_address(const VirtualNeighbor& a, const VirtualNeighbor& b) {
  return a.sender == b.sender && a.address == b.address;
}

// Both in order. Most of them are the same.
void compare(const Neighborhood& olds, const Neighborhood& news, NeighborChange& change) {
  auto old = olds.begin();
  for (const VirtualNeighbor& each : news) {
    while (old != olds.end() && *old < each) change.gone.push_back(*old++);
    if (old != olds.end() && *old == each) {
      ++old;
      continue;
    }
    // Those of one address stand side by side.
    const bool was_there = (old != olds.end() && is_of_one_address(*old, each)) ||
                           (old != olds.begin() && is_of_one_address(*(old - 1), each));
    if (was_there) change.retold.push_back(each.sender);
    change.fresh.push_back(each);
  }
  change.gone.insert(change.gone.end(), old, olds.end());
}

}  // namespace

NeighborChange change_of_neighbors(const program::Program& before, const program::Program& now) {
  NeighborChange change;
  const program::Neighbors& olds = before.neighbors;
  const program::Neighbors& news = now.neighbors;
  if (!olds.own().empty() || !news.own().empty()) {
    compare(all_of(olds), all_of(news), change);
    return change;
  }
  news.for_each_block_unlike(olds, [&](const program::NeighborList& list) {
    const auto& old = olds.block(list.begin()->sender.index());
    const auto more = old ? list.since(*old) : std::span(list);
    if (more) {
      change.fresh.insert(change.fresh.end(), more->begin(), more->end());
    } else {
      compare(old->sorted(), list.sorted(), change);
    }
  });
  olds.for_each_block_unlike(news, [&](const program::NeighborList& list) {
    if (!news.block(list.begin()->sender.index())) compare(list.sorted(), {}, change);
  });
  return change;
}

}  // namespace fabrix::verify
