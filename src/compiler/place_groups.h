// PlaceGroups: which group of routes each prefix belongs to (route_groups.h), by its place: four
// octets for each place of the Reachability, whatever the number of senders.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/strong_id.h"
#include "exchange/reachability.h"

namespace fabrix::compiler {

// Prefixes that have equal routes for every client.
using GroupId = StrongId<struct GroupTag, std::uint32_t>;
// Instead of an id. An optional one is put together from two halves, for which the processor waits
// longer than for the look-up (GCC 12): a table of a million prefixes was read 5 % more slowly.
inline constexpr GroupId kNoGroup{0xffffffff};

class PlaceGroups {
 public:
  // Perhaps kNoGroup.
  GroupId find(exchange::Place place) const {
    return place.index() < groups_.size() ? groups_[place.index()] : kNoGroup;
  }

  // Puts what is at the place into the group, or into kNoGroup. The place is not kNowhere.
  void assign(exchange::Place place, GroupId group) {
    if (place.index() >= groups_.size()) {
      if (group == kNoGroup) return;
      groups_.resize(std::max(place.index() + 1, 2 * groups_.size()), kNoGroup);
    }
    groups_[place.index()] = group;
  }

  void clear() { groups_ = {}; }

 private:
  std::vector<GroupId> groups_;  // by place
};

}  // namespace fabrix::compiler
