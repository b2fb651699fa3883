// PlaceGroups: which group of routes each prefix belongs to (route_groups.h), by its place: four
// octets for each place of the Reachability, whatever the number of senders.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/strong_id.h"
#include "exchange/reachability.h"

namespace fabrix::compiler {

// Prefixes that have equal routes for every client.
using GroupId = StrongId<struct GroupTag, std::uint32_t>;

class PlaceGroups {
 public:
  std::optional<GroupId> find(exchange::Place place) const {
    if (place.index() >= groups_.size() || groups_[place.index()] == kNone) return std::nullopt;
    return groups_[place.index()];
  }

  // Puts what is at the place into the group, or into none. The place is not kNowhere.
  void assign(exchange::Place place, std::optional<GroupId> group) {
    if (place.index() >= groups_.size()) {
      if (!group) return;
      groups_.resize(std::max(place.index() + 1, 2 * groups_.size()), kNone);
    }
    groups_[place.index()] = group.value_or(kNone);
  }

  void clear() { groups_ = {}; }

 private:
  static constexpr GroupId kNone{0xffffffff};

  std::vector<GroupId> groups_;  // by place
};

}  // namespace fabrix::compiler
