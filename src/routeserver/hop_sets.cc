#include "routeserver/hop_sets.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "base/assert.h"

namespace fabrix::routeserver {

void group_hops(std::vector<ClientHop>& hops, HopGroups& groups) {
  std::ranges::sort(hops, {}, [](const ClientHop& hop) {
    return std::pair(hop.next_hop, std::numeric_limits<std::uint16_t>::max() - hop.client.value);
  });
  groups.clear();
  for (const ClientHop& hop : hops) {
    if (groups.empty() || groups.back().next_hop != hop.next_hop) {
      groups.push_back({.next_hop = hop.next_hop, .clients = {}});
    }
    groups.back().clients.insert(hop.client);
  }
}

void put(HopGroups& groups, PeerId client, const std::optional<net::IpAddress>& next_hop) {
  for (HopGroup& group : groups) {
    if (group.next_hop != next_hop) group.clients.erase(client);
  }
  std::erase_if(groups, [](const HopGroup& group) { return group.clients.empty(); });
  if (!next_hop) return;
  auto at = std::ranges::lower_bound(groups, *next_hop, {}, &HopGroup::next_hop);
  if (at == groups.end() || at->next_hop != *next_hop) {
    at = groups.insert(at, {.next_hop = *next_hop, .clients = {}});
  }
  at->clients.insert(client);
}

std::size_t HopSets::hash(const HopGroups& groups) {
  std::size_t h = groups.size();
  for (const HopGroup& group : groups) {
    h = (h ^ std::hash<net::IpAddress>{}(group.next_hop)) * 0x9e3779b97f4a7c15U;
    h = (h ^ group.clients.hash()) * 0xff51afd7ed558ccdU;
    h ^= h >> 32U;
  }
  return h;
}

HopSetId HopSets::take(const HopGroups& groups) {
  if (groups.empty()) return 0;
  const std::size_t key = hash(groups);
  const auto found = index_.find(key);
  if (found != index_.end() && sets_[found->second].groups == groups) {
    ++sets_[found->second].holders;
    return found->second;
  }
  auto id = static_cast<HopSetId>(sets_.size());
  if (free_.empty()) {
    sets_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  sets_[id] = {.groups = groups, .holders = 1};
  index_.insert_or_assign(key, id);
  return id;
}

void HopSets::release(HopSetId id) {
  if (id == 0) return;
  Set& set = sets_[id];
  FABRIX_ASSERT(set.holders > 0);
  if (--set.holders != 0) return;
  const auto found = index_.find(hash(set.groups));
  if (found != index_.end() && found->second == id) index_.erase(found);
  set.groups = {};
  free_.push_back(id);
}

std::optional<net::IpAddress> HopSets::of(HopSetId id, PeerId client) const {
  for (const HopGroup& group : sets_[id].groups) {
    if (group.clients.contains(client)) return group.next_hop;
  }
  return std::nullopt;
}

}  // namespace fabrix::routeserver
