#include "routeserver/rib.h"

#include <algorithm>
#include <utility>

#include "routeserver/decision.h"

namespace fabrix::routeserver {
namespace {

bool same(const Route& a, const Route& b) {
  return a.attributes == b.attributes && a.next_hop == b.next_hop && a.rejected == b.rejected &&
         a.bgp_identifier == b.bgp_identifier;
}

void put_in_order(std::vector<Route>& routes) {
  std::vector<const Route*> accepted;
  std::vector<const Route*> rejected;
  for (const Route& route : routes) (route.rejected ? rejected : accepted).push_back(&route);
  rank(accepted);
  std::ranges::sort(rejected, {}, &Route::peer);
  std::vector<Route> ordered;
  ordered.reserve(routes.size());
  for (const Route* route : accepted) ordered.push_back(*route);
  for (const Route* route : rejected) ordered.push_back(*route);
  routes = std::move(ordered);
}

}  // namespace

bool Rib::announce(const net::Prefix& prefix, Route route) {
  auto& routes = entries_[prefix];
  const PeerId peer = route.peer;
  if (const auto found = std::ranges::find(routes, peer, &Route::peer); found != routes.end()) {
    if (same(*found, route)) return false;
    *found = std::move(route);
  } else {
    routes.push_back(std::move(route));
    if (counts_.size() <= peer.index()) counts_.resize(peer.index() + 1);
    ++counts_[peer.index()];
  }
  if (routes.size() > 1) put_in_order(routes);
  return true;
}

bool Rib::withdraw(const net::Prefix& prefix, PeerId peer) {
  const auto entry = entries_.find(prefix);
  if (entry == entries_.end()) return false;
  auto& routes = entry->second;
  const auto found = std::ranges::find(routes, peer, &Route::peer);
  if (found == routes.end()) return false;
  routes.erase(found);
  --counts_[peer.index()];
  if (routes.empty())
    entries_.erase(entry);
  else
    put_in_order(routes);  // A route that lost by MED to the one withdrawn may move up.
  return true;
}

std::span<const Route> Rib::find(const net::Prefix& prefix) const {
  const auto entry = entries_.find(prefix);
  if (entry == entries_.end()) return {};
  return entry->second;
}

std::vector<net::Prefix> Rib::prefixes() const {
  std::vector<net::Prefix> all;
  all.reserve(entries_.size());
  for (const auto& [prefix, routes] : entries_) all.push_back(prefix);
  return all;
}

std::vector<net::Prefix> Rib::prefixes_of(PeerId peer) const {
  std::vector<net::Prefix> found;
  found.reserve(route_count(peer));
  for (const auto& [prefix, routes] : entries_) {
    if (std::ranges::find(routes, peer, &Route::peer) != routes.end()) found.push_back(prefix);
  }
  return found;
}

std::size_t Rib::route_count(PeerId peer) const {
  return peer.index() < counts_.size() ? counts_[peer.index()] : 0;
}

}  // namespace fabrix::routeserver
