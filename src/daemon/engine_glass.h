// EngineGlass: the looking glass of a running exchange: what members announce, what the route
// server made of it, and what each member hears.
//
//   RFC 7947 §2.3   each member hears a best route of its own; lists of one member show that
//   RFC 6811        the validation state of each route, where the exchange has RPKI data
//
// A list is in the order of the table's places and holds nothing between two batches: however large
// the table is, a batch looks at a bounded number of places and copies only what it shows.
// Neighbours are the route server's sessions, with the same ids.
//
// Why a route is kept from a neighbour is told by routeserver::Exclusion; docs/monitoring.md lists
// the codes. Routes that are only not the neighbour's best are not told as kept from it, as BIRD
// does it.
//
// Control thread only.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/looking_glass.h"
#include "api/queries.h"
#include "daemon/table_census.h"
#include "routeserver/route.h"

namespace fabrix::daemon {

struct GlassOptions {
  std::string version;
  // The time of day and that of routes' and sessions' ages, for tests.
  std::function<std::chrono::system_clock::time_point()> now = std::chrono::system_clock::now;
  std::function<std::chrono::steady_clock::time_point()> steady_now =
      std::chrono::steady_clock::now;
};

class EngineGlass final : public api::LookingGlass {
 public:
  // All must outlive the glass. Without a BGP server a session is up when the route server says so;
  // without a census nothing is known to be preferred.
  EngineGlass(api::Sources sources, TableCensus* census, GlassOptions options);

  // The configuration is another one since now.
  void configured() { configured_ = options_.now(); }

  api::RouteServerStatus status() const override;
  std::vector<api::Neighbor> neighbors() const override;
  api::RouteBatch routes(const api::RouteQuery& query, const std::optional<api::RouteCursor>& after,
                         std::size_t limit) const override;
  std::vector<api::RouteView> lookup(const net::Prefix& block) const override;

 private:
  const routeserver::RouteServer& server() const;
  api::Neighbor neighbor(const routeserver::Peer& peer) const;
  api::NeighborChannel channel(const routeserver::Peer& peer, net::Family family) const;
  const std::string& name_of(routeserver::PeerId peer) const;
  void name_all() const;
  std::vector<api::RouteView> views_at(const api::RouteQuery& query,
                                       const net::Prefix& prefix) const;
  void add_exported(const routeserver::Peer& to, const net::Prefix& prefix,
                    std::vector<api::RouteView>& views) const;
  std::optional<api::RouteView> shown(const api::RouteQuery& query, const net::Prefix& prefix,
                                      const routeserver::Route& route) const;
  api::RouteView view(const net::Prefix& prefix, const routeserver::Route& route) const;
  std::optional<api::RpkiState> rpki_state(const net::Prefix& prefix,
                                           const routeserver::Route& route) const;

  api::Sources sources_;
  TableCensus* census_;
  GlassOptions options_;
  std::chrono::system_clock::time_point started_;
  std::chrono::system_clock::time_point configured_;
  mutable std::vector<std::string> names_;        // by PeerId; as of the last neighbors()
  mutable std::vector<net::IpAddress> named_;     // whose names they are
  mutable std::deque<bgp::PathAttributes> told_;  // what the views of the last call point to
};

}  // namespace fabrix::daemon
