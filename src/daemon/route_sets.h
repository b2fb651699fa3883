// RouteSets: makes of the route server's routes what the telemetry engine joins samples with.
// Prefixes with the same routes share one set, routes with the same attributes one text: as a rule,
// since what was made is remembered in tables of kSlots. Control thread only; what it makes is for
// any thread.
#pragma once

#include <cstddef>

#include "analyzer/recent_cache.h"
#include "routeserver/route_server.h"
#include "telemetry/route_set.h"

namespace fabrix::daemon {

class RouteSets {
 public:
  static constexpr std::size_t kSlots = 65'536;
  static constexpr std::size_t kAudiences = 1'024;

  // The route server must outlive it.
  explicit RouteSets(const routeserver::RouteServer& server) : server_(server) {}

  telemetry::RouteSetPtr of(const routeserver::PublishedRoutes& routes);

  // Participants or their sessions are others since: what they are told is asked anew.
  void configured();

 private:
  struct Told {
    bgp::AttributesPtr attributes;  // held, so that no other ones are where they were
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
    routeserver::Treatment treatment;

    friend bool operator==(const Told&, const Told&) = default;
  };

  telemetry::RouteInfoPtr route(const routeserver::Path& path, routeserver::Treatment treatment);
  telemetry::AudiencePtr audience(const routeserver::ClientSet& clients);

  const routeserver::RouteServer& server_;
  analyzer::RecentCache<Told, telemetry::RouteInfoPtr> routes_{kSlots};
  analyzer::RecentCache<routeserver::ClientSet, telemetry::AudiencePtr> audiences_{kAudiences};
  analyzer::RecentCache<telemetry::RouteSet, telemetry::RouteSetPtr> sets_{kSlots};
};

}  // namespace fabrix::daemon
