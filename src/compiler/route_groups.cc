#include "compiler/route_groups.h"

#include <algorithm>
#include <utility>

#include "base/ahead.h"
#include "base/assert.h"

namespace fabrix::compiler {
namespace {

template <typename Values, typename Id>
auto& at(Values& values, Id id) {
  if (id.index() >= values.size()) values.resize(id.index() + 1);
  return values[id.index()];
}

std::uint64_t hash_of(const exchange::RouteKey& key) {
  std::uint64_t hash = 0x9e3779b97f4a7c15U;
  for (const std::uint64_t word : key) {
    hash = (hash ^ word) * 0xff51afd7ed558ccdU;
    hash ^= hash >> 32U;
  }
  return hash;
}

}  // namespace

const Member* RouteGroup::member(net::ParticipantId sender) const {
  const auto found = std::ranges::lower_bound(members, sender, {}, &Member::sender);
  if (found == members.end() || found->sender() != sender) return nullptr;
  return &*found;
}

GroupId RouteGroups::find(const exchange::RouteKey& key) const {
  // What is not found is kNoGroup.
  static_assert(kNoGroup.value == HashIndex::kNone);
  return GroupId{
      index_.find(hash_of(key), [&](std::uint32_t id) { return groups_[id]->key == key; })};
}

GroupId RouteGroups::add(RouteGroup group) {
  GroupId id{static_cast<std::uint32_t>(groups_.size())};
  if (free_.empty()) {
    groups_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  for (const net::RouterId router : group.routers) at(postings_, router).groups.push_back(id);
  for (const net::ParticipantId each : group.others) at(others_, each).groups.push_back(id);
  if (!group.is_alike) unlike_.groups.push_back(id);
  group.serial = ++last_serial_;
  groups_[id.value] = std::make_unique<RouteGroup>(std::move(group));
  index_.insert(hash_of((*this)[id].key), id.value);
  return id;
}

void RouteGroups::remove(GroupId id) {
  FABRIX_ASSERT((*this)[id].empty());
  index_.erase(hash_of((*this)[id].key), id.value);
  const auto gone = std::exchange(groups_[id.value], nullptr);
  free_.push_back(id);
  for (const net::RouterId router : gone->routers) {
    tidy(postings_[router.index()], [&](GroupId each) { return has_router(each, router); });
  }
  for (const net::ParticipantId other : gone->others) {
    tidy(others_[other.index()], [&](GroupId each) { return has_other(each, other); });
  }
  if (gone->is_alike) return;
  tidy(unlike_, [this](GroupId each) { return get(each) != nullptr && !get(each)->is_alike; });
}

void RouteGroups::clear() {
  index_.clear();
  groups_.clear();
  free_.clear();
  postings_.clear();
  others_.clear();
  unlike_ = {};
}

bool RouteGroups::has_router(GroupId id, net::RouterId router) const {
  const RouteGroup* group = get(id);
  return group != nullptr && std::ranges::find(group->routers, router) != group->routers.end();
}

bool RouteGroups::has_other(GroupId id, net::ParticipantId participant) const {
  const RouteGroup* group = get(id);
  return group != nullptr && std::ranges::binary_search(group->others, participant);
}

// One more is gone. Forgets them when they are half of it.
template <typename Has>
void RouteGroups::tidy(Posting& posting, const Has& has) {
  constexpr std::size_t kLeast = 64;
  ++posting.gone;
  if (posting.gone < kLeast || 2 * posting.gone < posting.groups.size()) return;
  ++round_;
  std::erase_if(posting.groups, [&](GroupId id) {
    return !has(id) || std::exchange((*this)[id].seen, round_) == round_;
  });
  posting.gone = 0;
}

// Those anywhere.
void RouteGroups::mark_special(net::ParticipantId sender, std::span<const net::RouterId> asked) {
  asked_.clear();
  special_.clear();
  for (const net::RouterId router : asked) {
    if (router.index() >= postings_.size()) continue;
    for (const GroupId id : postings_[router.index()].groups) {
      if (asked_.contains(id)) special_.insert(id);
      asked_.insert(id);
    }
  }
  if (sender.index() < others_.size()) {
    for (const GroupId id : others_[sender.index()].groups) special_.insert(id);
  }
  for (const GroupId id : unlike_.groups) special_.insert(id);
}

// Of those marked, the ones with a route of the router, which are marked no longer.
void RouteGroups::take_special(net::RouterId router, std::vector<GroupId>& found) {
  posted_.clear();
  for (const GroupId id : postings_[router.index()].groups) {
    if (special_.contains(id)) posted_.push_back(id);
  }
  in_strips(std::span<const GroupId>(posted_), [&](std::span<const GroupId> strip) {
    for (const GroupId id : strip) {
      if (get(id) != nullptr) send_for(*get(id));
    }
    for (const GroupId id : strip) {
      if (get(id) != nullptr) read_ahead_all(get(id)->routers);
    }
    for (const GroupId id : strip) {
      if (!special_.contains(id) || !has_router(id, router)) continue;
      special_.erase(id);
      found.push_back(id);
    }
  });
}

std::vector<GroupId> RouteGroups::special(std::span<const net::RouterId> routers,
                                          net::ParticipantId sender,
                                          std::span<const net::RouterId> asked) {
  mark_special(sender, asked);
  std::vector<GroupId> found;
  for (const net::RouterId router : routers) {
    if (router.index() < postings_.size()) take_special(router, found);
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
