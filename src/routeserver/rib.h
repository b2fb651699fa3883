// Rib: every route that members announce, by prefix.
//
// One list a prefix, kept in the order of preference over all accepted routes, rejected ones at the
// end. A client's routes are the list without those that it may not have; only where MEDs are
// present must what is left be ranked again. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/prefix.h"
#include "routeserver/route.h"

namespace fabrix::routeserver {

class Rib {
 public:
  // Adds the route or replaces the one of the same session. False if nothing changed.
  bool announce(const net::Prefix& prefix, Route route);

  // Removes the session's route. False if there was none.
  bool withdraw(const net::Prefix& prefix, PeerId peer);

  // All routes of a prefix, best first, rejected last.
  std::span<const Route> find(const net::Prefix& prefix) const;

  // Every prefix, unordered.
  std::vector<net::Prefix> prefixes() const;
  // The prefixes that a session announced, unordered.
  std::vector<net::Prefix> prefixes_of(PeerId peer) const;

  std::size_t prefix_count() const { return entries_.size(); }
  std::size_t route_count(PeerId peer) const;

 private:
  using Routes = std::vector<Route>;

  boost::unordered_flat_map<net::Prefix, Routes, std::hash<net::Prefix>> entries_;
  std::vector<std::size_t> counts_;  // by PeerId
};

}  // namespace fabrix::routeserver
