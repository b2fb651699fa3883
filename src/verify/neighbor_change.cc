#include "verify/neighbor_change.h"

#include <algorithm>
#include <cstddef>

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

// Both sorted. Most of them are the same.
void compare(const Neighborhood& olds, const Neighborhood& news, NeighborChange& change) {
  auto old = olds.begin();
  for (const VirtualNeighbor& each : news) {
    while (old != olds.end() && *old != each && *old < each) change.gone.push_back(*old++);
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

std::size_t place_of(const Neighborhood& block) {
  const VirtualNeighbor& first = block.front();
  return program::neighbor_block_of(first.sender, program::neighbor_part_of(first.address));
}

}  // namespace

NeighborChange change_of_neighbors(const program::Program& before, const program::Program& now) {
  static const Neighborhood nobody;
  NeighborChange change;
  const program::Neighbors& olds = before.neighbors;
  const program::Neighbors& news = now.neighbors;
  if (!olds.own().empty() || !news.own().empty()) {
    compare(all_of(olds), all_of(news), change);
    return change;
  }
  news.for_each_block_unlike(olds, [&](const Neighborhood& block) {
    const auto& same = olds.block(place_of(block));
    compare(same ? *same : nobody, block, change);
  });
  olds.for_each_block_unlike(news, [&](const Neighborhood& block) {
    if (!news.block(place_of(block))) compare(block, nobody, change);
  });
  return change;
}

}  // namespace fabrix::verify
