#include "routeserver/rib.h"

#include <algorithm>
#include <utility>

namespace fabrix::routeserver {

bool Rib::announce(const net::Prefix& prefix, const RouteRef& route, Urgency urgency) {
  return announce(table_.obtain(prefix), route, urgency);
}

bool Rib::announce(EntryId entry, const RouteRef& route, Urgency urgency) {
  const auto present = routes(entry);
  scratch_.assign(present.begin(), present.end());
  const auto own = std::ranges::find(scratch_, route.peer, &RouteRef::peer);
  if (own == scratch_.end()) {
    scratch_.push_back(route);
  } else {
    RouteRef same = *own;
    same.set_dependent = route.set_dependent;
    if (same == route) return false;
    *own = route;
  }
  replace(entry, urgency);
  return true;
}

bool Rib::withdraw(const net::Prefix& prefix, PeerId peer, Urgency urgency) {
  const auto entry = find(prefix);
  return entry && withdraw(*entry, peer, urgency);
}

bool Rib::withdraw(EntryId entry, PeerId peer, Urgency urgency) {
  const auto present = routes(entry);
  const auto own = std::ranges::find(present, peer, &RouteRef::peer);
  if (own == present.end()) return false;
  scratch_.assign(present.begin(), present.end());
  scratch_.erase(scratch_.begin() + (own - present.begin()));
  replace(entry, urgency);
  return true;
}

// Makes scratch_ the list of the entry.
void Rib::replace(EntryId id, Urgency urgency) {
  rank_routes(scratch_);
  hold(scratch_);
  PrefixTable::Entry& entry = table_[id];
  tally(id, entry.routes.view(), -1);
  tally(id, scratch_, 1);
  if (entry.routes.empty()) ++prefix_count_;
  if (scratch_.empty()) --prefix_count_;
  if (entry.stage != Stage::kPublished) {
    release(entry.routes.view());
  } else if (!entry.routes.empty()) {
    entry.was_published = true;
    published_[id.value].swap(entry.routes);
  }
  if (urgency == Urgency::kNext && entry.stage != Stage::kChanged) {
    entry.stage = Stage::kChanged;
    changed_.push_back(id);
  } else if (entry.stage == Stage::kPublished || entry.stage == Stage::kTaken) {
    entry.stage = Stage::kWaiting;
    waiting_.push_back(id);
  }
  entry.routes.assign(scratch_);
}

void Rib::tally(EntryId entry, std::span<const RouteRef> routes, std::ptrdiff_t change) {
  auto& counts = counts_[prefix(entry).family() == net::Family::kIpv4 ? 0 : 1];
  for (const RouteRef& route : routes) {
    if (route.peer.index() >= counts.size()) counts.resize(route.peer.index() + 1);
    Count& count = counts[route.peer.index()];
    count.routes += static_cast<std::size_t>(change);
    if (!route.accepted()) count.rejected += static_cast<std::size_t>(change);
  }
}

Rib::Count Rib::count(PeerId peer, net::Family family) const {
  const auto& counts = counts_[family == net::Family::kIpv4 ? 0 : 1];
  return peer.index() < counts.size() ? counts[peer.index()] : Count{};
}

bool Rib::has_accepted(const net::Prefix& prefix, PeerId peer) const {
  const auto entry = find(prefix);
  return entry && std::ranges::any_of(routes(*entry), [&](const RouteRef& route) {
           return route.peer == peer && route.accepted();
         });
}

void Rib::mark_stale(PeerId peer, net::Family family) {
  for (std::uint32_t i = 0; i < end(); ++i) {
    if (prefix(EntryId{i}).family() != family) continue;
    for (RouteRef& route : table_[EntryId{i}].routes.edit()) {
      if (route.peer == peer) route.stale = true;
    }
  }
}

void Rib::rank_routes(std::vector<RouteRef>& routes) {
  if (routes.empty()) return;
  for (RouteRef& route : routes) route.set_dependent = false;
  if (routes.size() == 1) return;
  const auto rejected = std::stable_partition(routes.begin(), routes.end(),
                                              [](const RouteRef& each) { return each.accepted(); });
  std::sort(rejected, routes.end(),
            [](const RouteRef& a, const RouteRef& b) { return a.peer < b.peer; });
  contenders_.clear();
  for (auto each = routes.begin(); each != rejected; ++each) {
    contenders_.push_back({.preference = paths_->preference(each->path),
                           .tie = tie_(each->peer, paths_->bgp_identifier(each->path)),
                           .index = static_cast<std::uint32_t>(each - routes.begin())});
  }
  if (contenders_.size() < 2) return;
  const bool dependent = rank(contenders_) == OrderDepends::kOnSet;
  ordered_.clear();
  for (const Contender& contender : contenders_) ordered_.push_back(routes[contender.index]);
  std::ranges::copy(ordered_, routes.begin());
  routes.front().set_dependent = dependent;
}

void Rib::hold(std::span<const RouteRef> routes) {
  for (const RouteRef& route : routes) paths_->hold(route.path);
}

void Rib::release(std::span<const RouteRef> routes) {
  for (const RouteRef& route : routes) paths_->release(route.path);
}

std::span<const RouteRef> Rib::published(EntryId entry) const {
  if (table_[entry].stage == Stage::kPublished) return routes(entry);
  if (!table_[entry].was_published) return {};
  return published_.find(entry.value)->second.view();
}

std::span<const RouteRef> Rib::accepted(std::span<const RouteRef> routes) {
  std::size_t count = routes.size();
  while (count > 0 && !routes[count - 1].accepted()) --count;
  return routes.first(count);
}

const RouteRef* Rib::route_of(std::span<const RouteRef> routes, PeerId peer) {
  const auto found = std::ranges::find(routes, peer, &RouteRef::peer);
  return found == routes.end() ? nullptr : &*found;
}

std::vector<EntryId> Rib::take_changed(std::size_t most) {
  const std::size_t count = std::min(most, changed_.size() - taken_);
  const auto begin = changed_.begin() + static_cast<std::ptrdiff_t>(taken_);
  std::vector<EntryId> taken;
  taken.reserve(count);
  std::for_each(begin, begin + static_cast<std::ptrdiff_t>(count), [&](EntryId entry) {
    // What was released after waiting may have been taken for a change that could not wait.
    Stage& stage = table_[entry].stage;
    if (stage != Stage::kChanged && stage != Stage::kWaiting) return;
    stage = Stage::kTaken;
    taken.push_back(entry);
  });
  taken_ += count;
  if (taken_ == changed_.size()) {
    changed_.clear();
    taken_ = 0;
  }
  return taken;
}

void Rib::release_waiting() {
  if (changed_.empty()) {
    changed_.swap(waiting_);
  } else {
    changed_.insert(changed_.end(), waiting_.begin(), waiting_.end());
  }
  waiting_ = {};
}

bool Rib::publish(EntryId id, const Tell& tell) {
  PrefixTable::Entry& entry = table_[id];
  if (entry.stage != Stage::kTaken) return false;
  RouteList before;
  if (entry.was_published) {
    const auto found = published_.find(id.value);
    before = std::move(found->second);
    published_.erase(found);
  }
  entry.stage = Stage::kPublished;
  entry.was_published = false;
  if (tell) tell(id, before.view(), entry.routes.view());
  release(before.view());
  if (entry.routes.empty()) forgettable_.push_back(id);
  return true;
}

void Rib::forget(std::span<const EntryId> entries) {
  std::ranges::sort(forgettable_);
  for (const EntryId entry : entries) {
    const PrefixTable::Entry& place = table_[entry];
    const bool in_use = place.stage != Stage::kPublished || !place.routes.empty();
    const bool gone_again = std::ranges::binary_search(forgettable_, entry);
    if (!place.released && !in_use && !gone_again) table_.release(entry);
  }
}

}  // namespace fabrix::routeserver
