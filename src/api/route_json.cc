#include "api/route_json.h"

#include <cstdint>
#include <string_view>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace fabrix::api {
namespace {

namespace json = boost::json;

std::string_view name_of(bgp::Origin origin) {
  switch (origin) {
    case bgp::Origin::kIgp:
      return "igp";
    case bgp::Origin::kEgp:
      return "egp";
    case bgp::Origin::kIncomplete:
      return "incomplete";
  }
  return "incomplete";
}

bool is_configured(const exchange::RpkiSources& rpki) {
  return !rpki.caches.empty() || !rpki.vrps_file.empty() || !rpki.slurm_file.empty();
}

std::string_view name_of(rpki::OriginState state) {
  switch (state) {
    case rpki::OriginState::kValid:
      return "valid";
    case rpki::OriginState::kInvalid:
      return "invalid";
    case rpki::OriginState::kNotFound:
      return "not-found";
  }
  return "not-found";
}

template <typename Communities>
void add_texts(std::string_view key, const Communities& communities, json::object& object) {
  if (communities.empty()) return;
  json::array texts;
  for (const auto& community : communities) texts.emplace_back(to_text(community));
  object[key] = std::move(texts);
}

void add_flags(const routeserver::Route& route, json::object& object) {
  json::array flags;
  if (route.stale) flags.emplace_back("stale");
  if (route.path->liveness == routeserver::Liveness::kLongLivedStale) {
    flags.emplace_back("long-lived-stale");
  }
  if (route.path->verdict.graceful_shutdown) flags.emplace_back("graceful-shutdown");
  if (route.path->verdict.blackhole) flags.emplace_back("blackhole");
  if (!flags.empty()) object["flags"] = std::move(flags);
}

}  // namespace

std::string to_text(bgp::Community community) {
  return net::to_string(community);
}

std::string to_text(const bgp::LargeCommunity& community) {
  return net::to_string(community);
}

std::string to_text(bgp::ExtendedCommunity community) {
  return net::to_string(community);
}

void add_attributes(const bgp::PathAttributes& attributes, json::object& object) {
  object["as_path"] = attributes.as_path.to_string();
  object["origin"] = name_of(attributes.origin);
  if (attributes.med) object["med"] = *attributes.med;
  add_texts("communities", attributes.communities, object);
  add_texts("extended_communities", attributes.extended_communities, object);
  add_texts("large_communities", attributes.large_communities, object);
  if (attributes.only_to_customer) object["only_to_customer"] = attributes.only_to_customer->value;
}

json::object route_json(const controller::Controller& controller, const net::Prefix& prefix,
                        const routeserver::Route& route) {
  const auto& exchange = controller.exchange();
  const auto& server = controller.route_server();
  json::object object{{"prefix", prefix.to_string()},
                      {"participant", exchange.participant(route.participant).name},
                      {"router", exchange.router(route.router).name},
                      {"address", server.peer(route.peer).address.to_string()},
                      {"next_hop", route.next_hop.to_string()}};
  add_attributes(route.attributes(), object);
  // Without data nothing is looked up: to say that nothing was found would be a lie.
  object["rpki"] = is_configured(exchange.route_server.rpki)
                       ? name_of(server.import_filter().origin_state(prefix, route.path->verdict))
                       : "off";
  if (const auto aspa = route.path->verdict.aspa) object["aspa"] = rpki::to_string(*aspa);
  // Without a clock there is no age.
  if (route.path->since != 0) object["age_seconds"] = server.time() - route.path->since;
  add_flags(route, object);
  object["state"] = route.rejected ? "rejected" : "accepted";
  if (route.rejected) {
    object["reason"] = std::string(describe(*route.rejected));
    object["reason_code"] = std::string(routeserver::name_of(*route.rejected));
  }
  return object;
}

}  // namespace fabrix::api
