#include "compiler/changed_routes.h"

#include <algorithm>
#include <utility>

namespace fabrix::compiler {

void ChangedRoutes::note(const exchange::PlacedPrefix& prefix) {
  if (prefix.place == exchange::kNowhere) return;
  const std::size_t at = prefix.place.index();
  if (at >= is_noted_.size()) is_noted_.resize(std::max(at + 1, 2 * is_noted_.size()));
  if (is_noted_[at]) return;
  is_noted_[at] = true;
  noted_.push_back(prefix);
  is_sorted_ = false;
}

void ChangedRoutes::clear() {
  for (const exchange::PlacedPrefix& each : noted_) is_noted_[each.place.index()] = false;
  noted_.clear();
  sorted_.clear();
  is_sorted_ = true;
}

std::span<const net::Prefix> ChangedRoutes::sorted() {
  if (std::exchange(is_sorted_, true)) return sorted_;
  sorted_.clear();
  for (const exchange::PlacedPrefix& each : noted_) sorted_.push_back(each.prefix);
  std::ranges::sort(sorted_);
  return sorted_;
}

}  // namespace fabrix::compiler
