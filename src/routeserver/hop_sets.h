// HopSets: who is told which virtual next hop for a prefix, instead of the routes' own (FABRIC).
//
// Many prefixes have the same: each set is kept once, by number, as long as somebody holds it. Set
// 0 is the empty one: nobody is told another next hop. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/ip_address.h"
#include "routeserver/client_set.h"

namespace fabrix::routeserver {

struct HopGroup {
  net::IpAddress next_hop;
  ClientSet clients;

  friend bool operator==(const HopGroup&, const HopGroup&) = default;
};
using HopGroups = std::vector<HopGroup>;  // sorted by next hop, each once; no client in two

struct ClientHop {
  net::IpAddress next_hop;
  PeerId client;
};
// The groups of clients that each occur once. Sorts `hops`.
void group_hops(std::vector<ClientHop>& hops, HopGroups& groups);

// The client is in the group of that next hop, and in no other; none: in no group.
void put(HopGroups& groups, PeerId client, const std::optional<net::IpAddress>& next_hop);

using HopSetId = std::uint32_t;

class HopSets {
 public:
  HopSets() = default;

  // The number of these groups, of which the caller holds one more: release() gives it back.
  HopSetId take(const HopGroups& groups);
  void release(HopSetId id);
  // One more holder of a set that is held.
  void hold(HopSetId id) {
    if (id != 0) ++sets_[id].holders;
  }

  const HopGroups& operator[](HopSetId id) const { return sets_[id].groups; }
  std::optional<net::IpAddress> of(HopSetId id, PeerId client) const;

  std::size_t size() const { return sets_.size() - free_.size(); }

 private:
  struct Set {
    HopGroups groups;
    std::size_t holders = 0;
  };

  static std::size_t hash(const HopGroups& groups);

  std::vector<Set> sets_{Set{}};
  std::vector<HopSetId> free_;
  // By hash; of sets whose hashes collide one alone is found again, which costs memory and nothing
  // else.
  boost::unordered_flat_map<std::size_t, HopSetId> index_;
};

}  // namespace fabrix::routeserver
