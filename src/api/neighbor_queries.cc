#include "api/neighbor_queries.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/find.h"
#include "api/route_json.h"
#include "api/route_queries.h"
#include "api/session_json.h"
#include "exchange/policy_words.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using net::Family;
using routeserver::Peer;
using routeserver::PeerId;

constexpr std::array<Family, 2> kFamilies{Family::kIpv4, Family::kIpv6};

std::string_view name_of(Family family) {
  return family == Family::kIpv4 ? "ipv4" : "ipv6";
}

struct RouteCounts {
  std::size_t received = 0;
  std::size_t filtered = 0;
  std::size_t advertised = 0;

  RouteCounts& operator+=(const RouteCounts& other) {
    received += other.received;
    filtered += other.filtered;
    advertised += other.advertised;
    return *this;
  }
};

RouteCounts counts_of(const routeserver::RouteServer& server, PeerId peer, Family family) {
  const auto count = server.count(peer, family);
  return {.received = count.routes,
          .filtered = count.rejected,
          .advertised = server.is_up(peer) ? server.told_count(peer, family) : 0};
}

RouteCounts counts_of(const routeserver::RouteServer& server, PeerId peer) {
  RouteCounts all;
  for (const Family family : kFamilies) all += counts_of(server, peer, family);
  return all;
}

void add_counts(const RouteCounts& counts, json::object& object) {
  object["received"] = counts.received;
  object["accepted"] = counts.received - counts.filtered;
  object["filtered"] = counts.filtered;
  object["advertised"] = counts.advertised;
}

struct SessionState {
  std::string_view name;
  std::optional<std::int64_t> seconds;
  std::string last_error;
};

SessionState state_of(const Sources& sources, PeerId peer) {
  SessionState state;
  state.name = sources.controller->route_server().is_up(peer) ? "established" : "idle";
  if (sources.bgp == nullptr) return state;
  const auto view = sources.bgp->view(peer);
  state.name = bgp::name_of(view.state);
  if (view.since.time_since_epoch().count() != 0) {
    const auto since = std::chrono::steady_clock::now() - view.since;
    state.seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  }
  state.last_error = view.last_error;
  return state;
}

json::object summary(const Sources& sources, const Peer& peer) {
  json::object row = neighbor_identity(*sources.controller, peer.id);
  const SessionState state = state_of(sources, peer.id);
  row["state"] = state.name;
  if (state.seconds) row["uptime_seconds"] = *state.seconds;
  add_counts(counts_of(sources.controller->route_server(), peer.id), row);
  if (!state.last_error.empty()) row["last_error"] = state.last_error;
  const auto& participant = sources.controller->exchange().participant(peer.participant);
  if (participant.dynamic) {
    row["dynamic"] = participant.dynamic->to_string();
    row["note"] = "dynamic, from " + participant.dynamic->to_string();
  }
  if (!participant.import.chosen) row["note"] = "no policy, hence no routes (RFC 8212)";
  return row;
}

json::object families_json(const Sources& sources, const Peer& peer) {
  const auto& exchange = sources.controller->exchange();
  const auto& limit = exchange.participant(peer.participant).import.limit;
  const auto view = sources.bgp == nullptr ? controller::SessionView{} : sources.bgp->view(peer.id);
  json::object families;
  for (const Family family : kFamilies) {
    json::object object;
    add_counts(counts_of(sources.controller->route_server(), peer.id, family), object);
    const auto most = family == Family::kIpv4 ? limit.ipv4 : limit.ipv6;
    if (most) {
      object["limit"] = *most;
      object["limit_action"] = std::string(exchange::name_of(limit.action));
    }
    add_family(family == Family::kIpv4 ? view.ipv4 : view.ipv6, std::chrono::steady_clock::now(),
               object);
    families[name_of(family)] = std::move(object);
  }
  return families;
}

json::object settings_json(const exchange::SessionPolicy& policy) {
  return {{"md5", policy.md5_password.has_value()},
          {"gtsm", policy.gtsm},
          {"passive", policy.dialling == exchange::Dialling::kPassive},
          {"hold_time", policy.hold_time.count()},
          {"role", policy.role},
          {"strict_role", policy.strict_role},
          {"add_path", policy.add_path},
          {"graceful_restart", policy.graceful_restart.count()}};
}

json::object detail(const Sources& sources, const Peer& peer) {
  json::object object = summary(sources, peer);
  object["families"] = families_json(sources, peer);
  const auto& exchange = sources.controller->exchange();
  object["settings"] = settings_json(exchange.participant(peer.participant).session);
  if (sources.bgp == nullptr) return object;
  add_session(sources.bgp->view(peer.id), std::chrono::steady_clock::now(), object);
  return object;
}

enum class RouteList : std::uint8_t { kReceived, kAccepted, kFiltered, kAdvertised };

std::optional<RouteList> parse_list(std::string_view name) {
  if (name == "received") return RouteList::kReceived;
  if (name == "accepted") return RouteList::kAccepted;
  if (name == "filtered") return RouteList::kFiltered;
  if (name == "advertised") return RouteList::kAdvertised;
  return std::nullopt;
}

void add_announced(const controller::Controller& controller, const std::vector<PeerId>& peers,
                   RouteList list, const net::Prefix& prefix, json::array& rows) {
  for (const routeserver::Route& route : controller.route_server().all_routes(prefix)) {
    if (std::ranges::find(peers, route.peer) == peers.end()) continue;
    const bool wanted = list == RouteList::kReceived ||
                        (list == RouteList::kFiltered) == route.rejected.has_value();
    if (wanted) rows.push_back(route_json(controller, prefix, route));
  }
}

void add_told(const controller::Controller& controller, const std::vector<PeerId>& peers,
              const net::Prefix& prefix, json::array& rows) {
  const auto& server = controller.route_server();
  for (const PeerId peer : peers) {
    const auto told = server.told(peer, prefix);
    if (!told) continue;
    json::object row{{"prefix", prefix.to_string()},
                     {"to", controller.exchange().router(server.peer(peer).router).name},
                     {"address", server.peer(peer).address.to_string()},
                     {"next_hop", told->next_hop.to_string()}};
    add_attributes(told->attributes, row);
    rows.push_back(std::move(row));
  }
}

}  // namespace

json::object neighbor_identity(const controller::Controller& controller, PeerId id) {
  const auto& exchange = controller.exchange();
  const Peer& peer = controller.route_server().peer(id);
  return {{"router", exchange.router(peer.router).name},
          {"participant", exchange.participant(peer.participant).name},
          {"address", peer.address.to_string()},
          {"asn", peer.asn.value}};
}

json::value show_sessions(const Sources& sources) {
  json::array rows;
  for (const Peer& peer : sources.controller->route_server().peers()) {
    if (!peer.present) continue;
    const RouteCounts counts = counts_of(sources.controller->route_server(), peer.id);
    const SessionState state = state_of(sources, peer.id);
    json::object row = neighbor_identity(*sources.controller, peer.id);
    row["state"] = state.name;
    row["received"] = counts.received;
    row["told"] = counts.advertised;
    if (state.seconds) row["seconds"] = *state.seconds;
    if (!state.last_error.empty()) row["last_error"] = state.last_error;
    rows.push_back(std::move(row));
  }
  return rows;
}

json::value show_neighbors(const Sources& sources) {
  json::array rows;
  for (const Peer& peer : sources.controller->route_server().peers()) {
    if (peer.present) rows.push_back(summary(sources, peer));
  }
  return rows;
}

Answer show_neighbor(const Sources& sources, std::string_view wanted) {
  FABRIX_TRY(const auto peers, find_neighbors(*sources.controller, wanted));
  json::array rows;
  for (const PeerId peer : peers) {
    rows.push_back(detail(sources, sources.controller->route_server().peer(peer)));
  }
  return json::value(std::move(rows));
}

Answer show_neighbor_routes(const Sources& sources, std::string_view wanted, std::string_view list,
                            std::uint32_t cursor) {
  const auto& controller = *sources.controller;
  FABRIX_TRY(const auto peers, find_neighbors(controller, wanted));
  const auto which = parse_list(list);
  if (!which) {
    return bad_request(fmt::format(
        "no list of routes is called '{}': write received, accepted, filtered or advertised",
        list));
  }
  return route_page(sources, cursor, [&](const net::Prefix& prefix, json::array& rows) {
    if (*which == RouteList::kAdvertised) {
      add_told(controller, peers, prefix, rows);
    } else {
      add_announced(controller, peers, *which, prefix, rows);
    }
  });
}

}  // namespace fabrix::api
