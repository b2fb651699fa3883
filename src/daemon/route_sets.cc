#include "daemon/route_sets.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "analyzer/route_info.h"

namespace fabrix::daemon {
namespace {

using telemetry::RouteSet;

std::size_t mixed(std::size_t hash, std::size_t with) {
  hash = (hash ^ with) * 0x9e3779b97f4a7c15U;
  return hash ^ hash >> 32U;
}

std::size_t hash_of(const void* pointer) {
  return std::hash<const void*>()(pointer) >> 4U;
}

std::size_t hash_of(const RouteSet& set) {
  std::size_t hash = hash_of(set.best.get());
  for (const telemetry::RouteOffer& offer : set.offers) {
    hash = mixed(mixed(hash, hash_of(offer.route.get())), hash_of(offer.audience.get()));
  }
  for (const net::ParticipantId announcer : set.announcers) hash = mixed(hash, announcer.value);
  return hash;
}

}  // namespace

void RouteSets::configured() {
  routes_.clear();
  audiences_.clear();
  sets_.clear();
}

telemetry::RouteInfoPtr RouteSets::route(const routeserver::Path& path,
                                         routeserver::Treatment treatment) {
  treatment.only_to_customer = false;  // which no key says
  const Told told{.attributes = path.told, .next_hop = path.told_next_hop, .treatment = treatment};
  const std::size_t how = treatment.prepends * std::size_t{4} + (treatment.no_export ? 2U : 0U) +
                          (treatment.no_advertise ? 1U : 0U);
  return routes_.get(told, mixed(hash_of(path.told.get()), how), [&] {
    return std::make_shared<const telemetry::RouteInfo>(
        analyzer::route_info(server_.exported(path, treatment), path.told_next_hop));
  });
}

telemetry::AudiencePtr RouteSets::audience(const routeserver::ClientSet& clients) {
  return audiences_.get(clients, clients.hash(), [&] {
    telemetry::Audience audience;
    for (std::size_t i = 0; i < server_.participant_count(); ++i) {
      const net::ParticipantId id{static_cast<std::uint16_t>(i)};
      if (clients.contains(server_.voice_of(id))) audience.insert(id);
    }
    return std::make_shared<const telemetry::Audience>(std::move(audience));
  });
}

telemetry::RouteSetPtr RouteSets::of(const routeserver::PublishedRoutes& routes) {
  RouteSet set{.best = route(*routes.best, {}), .offers = {}, .announcers = routes.announcers};
  for (const auto& offer : routes.offers) {
    set.offers.push_back(
        {.route = route(*offer.path, offer.treatment), .audience = audience(offer.clients)});
  }
  return sets_.get(set, hash_of(set), [&] { return std::make_shared<const RouteSet>(set); });
}

}  // namespace fabrix::daemon
