// TableReachability: routes from a table, for tests: what a route server would say, without one.
//
// Each route has a rank; lower is better, for everybody. Own routes, those of participants without
// peering, and those hidden from the client do not count.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/reachability.h"
#include "tests/exchange/places.h"
#include "tests/net/owned_route.h"

namespace fabrix::verify {

class TableReachability : public exchange::Reachability {
 public:
  struct Route {
    net::RouterId router;
    unsigned rank = 0;
    std::set<net::ParticipantId> hidden_from;
    net::OwnedRoute attributes = {};
  };

  explicit TableReachability(const exchange::Exchange& exchange) : exchange_(exchange) {}

  // Replaces the router's route for the prefix.
  void announce(const net::Prefix& prefix, Route route) {
    withdraw(prefix, route.router);
    auto& routes = table_[prefix];
    routes.push_back(std::move(route));
    std::ranges::sort(routes, {},
                      [](const Route& each) { return std::pair(each.rank, each.router); });
  }

  void withdraw(const net::Prefix& prefix, net::RouterId router) {
    const auto found = table_.find(prefix);
    if (found == table_.end()) return;
    std::erase_if(found->second, [&](const Route& each) { return each.router == router; });
    if (found->second.empty()) table_.erase(found);
  }

  exchange::Routes routes(net::ParticipantId client, const net::Prefix& prefix) const override {
    const auto found = table_.find(prefix);
    return found == table_.end() ? exchange::Routes{} : visible(client, found->second);
  }

  exchange::Place place_of(const net::Prefix& prefix) const override { return places_.of(prefix); }
  // For each route its router and whom it is hidden from, as they are.
  void route_key(const exchange::PlacedPrefix& prefix, exchange::RouteKey& key) const override {
    key.clear();
    const auto found = table_.find(prefix.prefix);
    if (found == table_.end()) return;
    for (const Route& route : found->second) {
      key.push_back(route.hidden_from.size() << 16U | route.router.value);
      for (const net::ParticipantId each : route.hidden_from) key.push_back(each.value);
    }
  }

  void routes_of(net::ParticipantId client, const exchange::RouteKey& key,
                 exchange::Routes& routes) const override {
    routes = visible(client, read(key));
  }

  void routers_of(const exchange::RouteKey& key, exchange::Routes& routers) const override {
    routers.clear();
    for (const Route& route : read(key)) routers.push_back(route.router);
  }

  bool alike_but_for(const exchange::RouteKey& key,
                     std::vector<net::ParticipantId>& others) const override {
    others.clear();
    const std::vector<Route> routes = read(key);
    for (const exchange::Participant& each : exchange_.participants) {
      if (visible(each.id, routes).size() != routes.size()) others.push_back(each.id);
    }
    return true;
  }

  void for_each_route_key(
      const std::function<void(const exchange::PlacedPrefix&, const exchange::RouteKey&)>& visit)
      const override {
    exchange::RouteKey key;
    for (const auto& [prefix, routes] : table_) {
      route_key(placed(prefix), key);
      visit(placed(prefix), key);
    }
  }

  std::optional<net::Prefix> resolve(net::ParticipantId client,
                                     const net::IpAddress& address) const override {
    std::optional<net::Prefix> best;
    for (const auto& [prefix, routes] : table_) {
      const bool longer = !best || prefix.length() > best->length();
      if (longer && prefix.contains(address) && !visible(client, routes).empty()) best = prefix;
    }
    return best;
  }

  void for_each_prefix(net::ParticipantId client,
                       const std::function<void(const net::Prefix&, const exchange::Routes&)>&
                           visit) const override {
    for (const auto& [prefix, routes] : table_) {
      const exchange::Routes usable = visible(client, routes);
      if (!usable.empty()) visit(prefix, usable);
    }
  }

  std::optional<net::RouteAttributes> best_route(net::ParticipantId client,
                                                 const net::Prefix& prefix) const override {
    const exchange::Routes all = routes(client, prefix);
    if (all.empty()) return std::nullopt;
    const auto& table = table_.find(prefix)->second;
    return attributes_of(prefix, *std::ranges::find(table, all.front(), &Route::router));
  }

  std::optional<net::RouteAttributes> own_route(net::ParticipantId announcer,
                                                const net::Prefix& prefix) const override {
    const auto found = table_.find(prefix);
    if (found == table_.end()) return std::nullopt;
    const auto own = std::ranges::find_if(found->second, [&](const Route& route) {
      return exchange_.router(route.router).participant == announcer;
    });
    return own == found->second.end() ? std::nullopt : std::optional(attributes_of(prefix, *own));
  }

  std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const override {
    std::vector<net::Prefix> prefixes;
    for (const auto& [prefix, routes] : table_) {
      const bool announced = std::ranges::any_of(routes, [&](const Route& route) {
        return exchange_.router(route.router).participant == announcer;
      });
      if (announced) prefixes.push_back(prefix);
    }
    return prefixes;
  }

 private:
  static std::vector<Route> read(const exchange::RouteKey& key) {
    std::vector<Route> routes;
    for (std::size_t at = 0; at < key.size();) {
      const std::uint64_t word = key[at++];
      Route& route = routes.emplace_back();
      route.router.value = static_cast<std::uint16_t>(word);
      for (std::uint64_t i = 0; i < word >> 16U; ++i) {
        route.hidden_from.insert({static_cast<std::uint16_t>(key[at++])});
      }
    }
    return routes;
  }

  net::RouteAttributes attributes_of(const net::Prefix& prefix, const Route& route) const {
    const auto& announcer = exchange_.owner(route.router);
    return route.attributes.view(prefix, announcer.id, announcer.asn);
  }

  exchange::Routes visible(net::ParticipantId client, const std::vector<Route>& routes) const {
    exchange::Routes usable;
    for (const Route& route : routes) {
      const net::ParticipantId owner = exchange_.router(route.router).participant;
      if (exchange_.may_peer(client, owner) && !route.hidden_from.contains(client)) {
        usable.push_back(route.router);
      }
    }
    return usable;
  }

  const exchange::Exchange& exchange_;
  exchange::Places places_;
  std::map<net::Prefix, std::vector<Route>> table_;
};

}  // namespace fabrix::verify
