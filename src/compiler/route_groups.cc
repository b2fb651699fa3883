#include "compiler/route_groups.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace fabrix::compiler {

const Member* RouteGroup::member(net::ParticipantId sender) const {
  const auto found = std::ranges::lower_bound(members, sender, {}, &Member::sender);
  if (found == members.end() || found->sender() != sender) return nullptr;
  return &*found;
}

RouteGroups::RouteGroups() : index_(0, Hash{this}, Equal{this}) {}

std::size_t RouteGroups::Hash::operator()(const exchange::RouteKey& key) const noexcept {
  std::uint64_t hash = 0x9e3779b97f4a7c15U;
  for (const std::uint64_t word : key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32U;
  }
  return hash;
}

GroupId RouteGroups::find(const exchange::RouteKey& key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? kNoGroup : *found;
}

GroupId RouteGroups::add(const exchange::RouteKey& key, exchange::Routes routers) {
  GroupId id{static_cast<std::uint32_t>(groups_.size())};
  if (free_.empty()) {
    groups_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  for (const net::RouterId router : routers) {
    if (router.index() >= postings_.size()) postings_.resize(router.index() + 1);
    postings_[router.index()].groups.push_back(id);
  }
  groups_[id.value] = std::make_unique<RouteGroup>();
  groups_[id.value]->key = key;
  groups_[id.value]->serial = ++last_serial_;
  groups_[id.value]->routers = std::move(routers);
  index_.insert(id);
  return id;
}

void RouteGroups::remove(GroupId id) {
  FABRIX_ASSERT((*this)[id].empty());
  index_.erase(id);
  const exchange::Routes routers = std::move((*this)[id].routers);
  groups_[id.value].reset();
  free_.push_back(id);
  for (const net::RouterId router : routers) {
    ++postings_[router.index()].gone;
    tidy(router);
  }
}

void RouteGroups::clear() {
  index_.clear();
  groups_.clear();
  free_.clear();
  postings_.clear();
}

bool RouteGroups::has_router(GroupId id, net::RouterId router) const {
  const auto& group = groups_[id.value];
  return group && std::ranges::find(group->routers, router) != group->routers.end();
}

// Forgets what is gone when that is half of it.
void RouteGroups::tidy(net::RouterId router) {
  constexpr std::size_t kLeast = 64;
  Posting& posting = postings_[router.index()];
  if (posting.gone < kLeast || 2 * posting.gone < posting.groups.size()) return;
  ++round_;
  std::erase_if(posting.groups, [this, router](GroupId id) {
    return !has_router(id, router) || std::exchange((*this)[id].seen, round_) == round_;
  });
  posting.gone = 0;
}

std::vector<GroupId> RouteGroups::with(std::span<const net::RouterId> routers) {
  ++round_;
  std::vector<GroupId> found;
  for (const net::RouterId router : routers) {
    if (router.index() >= postings_.size()) continue;
    for (const GroupId id : postings_[router.index()].groups) {
      if (!has_router(id, router)) continue;
      if (std::exchange((*this)[id].seen, round_) != round_) found.push_back(id);
    }
  }
  return found;
}

std::vector<GroupId> RouteGroups::all() const {
  std::vector<GroupId> found;
  found.reserve(size());
  for (std::uint32_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i]) found.push_back(GroupId{i});
  }
  return found;
}

}  // namespace fabrix::compiler
