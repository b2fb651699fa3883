#include "telemetry/route_texts.h"

#include <algorithm>

#include "base/assert.h"
#include "telemetry/route_view.h"

namespace fabrix::telemetry {

const RouteTexts* RouteTextsPool::take(const RouteInfo& route) {
  Kept& kept = kept_[&route];
  if (kept.users++ != 0) return kept.texts;
  if (route.as_path.size() + route.communities.size() > RouteTexts::kMost) return nullptr;
  kept.texts = std::construct_at(
      static_cast<RouteTexts*>(memory_->allocate(sizeof(RouteTexts), kCacheLine)));
  RouteTexts& made = *kept.texts;
  made.next_hop = route.next_hop;
  made.as_path_length = static_cast<std::uint8_t>(route.as_path.size());
  made.communities_length = static_cast<std::uint8_t>(route.communities.size());
  made.neighbor_as = route.neighbor_as;
  made.origin_as = route.origin_as;
  made.local_pref = route.local_pref;
  auto* const behind = std::ranges::copy(route.as_path, made.texts.begin()).out;
  std::ranges::copy(route.communities, behind);
  return kept.texts;
}

void RouteTextsPool::give_back(const RouteInfo& route) {
  const auto found = kept_.find(&route);
  FABRIX_ASSERT(found != kept_.end());
  Kept& kept = found->second;
  if (--kept.users != 0) return;
  if (kept.texts != nullptr) memory_->deallocate(kept.texts, sizeof(RouteTexts), kCacheLine);
  kept_.erase(found);
}

}  // namespace fabrix::telemetry
