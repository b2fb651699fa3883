#include "compiler/changed_routes.h"

#include <algorithm>
#include <utility>

namespace fabrix::compiler {

void ChangedRoutes::note(const exchange::PlacedPrefix& prefix) {
  if (!is_new(prefix.place)) return;
  noted_.push_back(prefix);
  is_sorted_ = false;
}

void ChangedRoutes::note(std::vector<exchange::PlacedPrefix> prefixes) {
  // They may be a million, and most often they come to nothing that is there: what is left of them
  // stays where it is.
  std::vector<exchange::PlacedPrefix> before = std::exchange(noted_, std::move(prefixes));
  std::erase_if(noted_, [this](const auto& each) { return !is_new(each.place); });
  noted_.insert(noted_.begin(), before.begin(), before.end());
  is_sorted_ = noted_.empty();
}

std::vector<exchange::PlacedPrefix> ChangedRoutes::take() {
  for (const exchange::PlacedPrefix& each : noted_) is_noted_[each.place.index()] = false;
  sorted_.clear();
  is_sorted_ = true;
  return std::exchange(noted_, {});
}

// Whether it is noted now and was not before.
bool ChangedRoutes::is_new(exchange::Place place) {
  if (place == exchange::kNowhere) return false;
  const std::size_t at = place.index();
  if (at >= is_noted_.size()) is_noted_.resize(std::max(at + 1, 2 * is_noted_.size()));
  if (is_noted_[at]) return false;
  is_noted_[at] = true;
  return true;
}

std::span<const net::Prefix> ChangedRoutes::sorted() {
  if (std::exchange(is_sorted_, true)) return sorted_;
  sorted_.clear();
  for (const exchange::PlacedPrefix& each : noted_) sorted_.push_back(each.prefix);
  std::ranges::sort(sorted_);
  return sorted_;
}

}  // namespace fabrix::compiler
