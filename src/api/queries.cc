#include "api/queries.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "controller/trace.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

const exchange::Exchange& exchange_of(const Sources& sources) {
  return sources.controller->exchange();
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string names_of(const exchange::Exchange& exchange, std::span<const net::RouterId> routers) {
  std::vector<std::string> names;
  for (const net::RouterId id : routers) names.push_back(exchange.router(id).name);
  return join(names);
}

std::string communities_of(const bgp::PathAttributes& attributes) {
  std::vector<std::string> words;
  for (const bgp::Community community : attributes.communities) {
    words.push_back(fmt::format("{}:{}", community.value >> 16U, community.value & 0xffffU));
  }
  for (const bgp::LargeCommunity& community : attributes.large_communities) {
    words.push_back(
        fmt::format("{}:{}:{}", community.global, community.local_1, community.local_2));
  }
  return join(words);
}

json::object route_object(const exchange::Exchange& exchange, const net::Prefix& prefix,
                          const routeserver::Route& route) {
  json::object object{{"prefix", prefix.to_string()},
                      {"participant", exchange.participant(route.participant).name},
                      {"router", exchange.router(route.router).name},
                      {"next_hop", route.next_hop.to_string()},
                      {"as_path", route.attributes().as_path.to_string()}};
  if (route.attributes().med) object["med"] = *route.attributes().med;
  if (const auto communities = communities_of(route.attributes()); !communities.empty()) {
    object["communities"] = communities;
  }
  object["state"] = route.rejected ? "rejected" : "accepted";
  if (route.rejected) object["reason"] = std::string(describe(*route.rejected));
  return object;
}

// For whom the route is best, and why others do not have it: what `show routes for` adds.
void add_clients(const controller::Controller& controller, const net::Prefix& prefix,
                 const routeserver::Route& route, json::object& object) {
  std::vector<std::string> best_for;
  json::object refused;
  for (const exchange::Participant& client : controller.exchange().participants) {
    if (client.id == route.participant) continue;
    const auto usable = controller.route_server().candidates(client.id, prefix);
    if (!usable.empty() && usable.front().peer == route.peer) best_for.push_back(client.name);
    if (const auto reason = controller.route_server().why_not(client.id, route)) {
      refused[client.name] = std::string(describe(*reason));
    }
  }
  object["best_for"] = join(best_for);
  if (!refused.empty()) object["not_for"] = std::move(refused);
}

// The prefix somebody asks for: itself, or the longest that covers the address.
Result<std::vector<net::Prefix>> prefixes_for(const routeserver::RouteServer& routes,
                                              std::string_view text) {
  if (const auto prefix = net::Prefix::parse(text)) return std::vector{*prefix};
  const auto address = net::IpAddress::parse(text);
  if (!address) {
    return fail(Error{fmt::format("'{}' is neither a prefix nor an address", text)});
  }
  for (int length = static_cast<int>(net::width_of(address->family())); length >= 0; --length) {
    const auto prefix = net::Prefix::containing(*address, static_cast<unsigned>(length)).value();
    if (!routes.all_routes(prefix).empty()) return std::vector{prefix};
  }
  return std::vector<net::Prefix>{};
}

}  // namespace

json::value show_status(const Sources& sources) {
  const auto& controller = *sources.controller;
  std::size_t up = 0;
  for (const routeserver::Peer& peer : controller.route_server().peers()) {
    if (controller.route_server().is_up(peer.id)) ++up;
  }
  return json::object{{"exchange", exchange_of(sources).name},
                      {"asn", exchange_of(sources).asn.value},
                      {"sessions_up", up},
                      {"sessions", controller.route_server().peers().size()},
                      {"prefixes", controller.route_server().prefix_count()},
                      {"rules", controller.installed()->row_count()},
                      {"rounds", controller.counters().rounds},
                      {"installs", controller.counters().installs},
                      {"refused", controller.counters().refused},
                      {"neighbor_answers", controller.counters().neighbor_answers},
                      {"fabric", controller.fabric().status()},
                      {"settled", !controller.needs_settling()}};
}

json::value show_participants(const Sources& sources) {
  const exchange::Exchange& exchange = exchange_of(sources);
  json::array rows;
  for (const exchange::Participant& participant : exchange.participants) {
    rows.push_back(json::object{
        {"name", participant.name},
        {"asn", participant.asn.value},
        {"routers", names_of(exchange, participant.routers)},
        {"prefixes", sources.controller->route_server().announced_by(participant.id).size()},
        {"policy", sources.controller->policy_text(participant.id) != nullptr}});
  }
  return rows;
}

json::value show_sessions(const Sources& sources) {
  const exchange::Exchange& exchange = exchange_of(sources);
  const auto& routes = sources.controller->route_server();
  json::array rows;
  for (const routeserver::Peer& peer : routes.peers()) {
    json::object row{
        {"router", exchange.router(peer.router).name},
        {"participant", exchange.participant(peer.participant).name},
        {"asn", peer.asn.value},
        {"address", peer.address.to_string()},
        {"state", routes.is_up(peer.id) ? "established" : "idle"},
        {"received", routes.count(peer.id, net::Family::kIpv4).routes +
                         routes.count(peer.id, net::Family::kIpv6).routes},
        {"told", routes.is_up(peer.id) ? routes.told_count(peer.id, net::Family::kIpv4) +
                                             routes.told_count(peer.id, net::Family::kIpv6)
                                       : 0}};
    if (sources.bgp != nullptr) {
      const auto view = sources.bgp->view(peer.id);
      row["state"] = std::string(bgp::name_of(view.state));
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
          std::chrono::steady_clock::now() - view.since);
      if (view.since.time_since_epoch().count() != 0) row["seconds"] = seconds.count();
      if (!view.last_error.empty()) row["last_error"] = view.last_error;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<json::value> show_routes(const Sources& sources, std::optional<std::string_view> for_what) {
  const auto& controller = *sources.controller;
  std::vector<net::Prefix> prefixes;
  if (for_what) {
    FABRIX_TRY(prefixes, prefixes_for(controller.route_server(), *for_what));
  } else {
    prefixes = controller.route_server().prefixes();
  }
  json::array rows;
  for (const net::Prefix& prefix : prefixes) {
    for (const routeserver::Route& route : controller.route_server().all_routes(prefix)) {
      auto row = route_object(controller.exchange(), prefix, route);
      if (for_what) add_clients(controller, prefix, route, row);
      rows.push_back(std::move(row));
    }
  }
  return json::value(std::move(rows));
}

json::value show_classes(const Sources& sources) {
  const exchange::Exchange& exchange = exchange_of(sources);
  json::array rows;
  for (const compiler::ClassInfo& info : sources.controller->compiler().classes()) {
    json::object row{{"sender", exchange.participant(info.sender).name},
                     {"best", exchange.router(info.best).name},
                     {"reachable", names_of(exchange, info.reachable)},
                     {"tag", program::encode(info.tag).to_string()}};
    row["vnh4"] = info.vnh4 ? info.vnh4->to_string() : "";
    row["vnh6"] = info.vnh6 ? info.vnh6->to_string() : "";
    row["prefixes"] = info.prefixes;
    rows.push_back(std::move(row));
  }
  return rows;
}

json::value show_policies(const Sources& sources) {
  json::array rows;
  for (const exchange::Participant& participant : exchange_of(sources).participants) {
    const auto& policy = sources.controller->world().policies[participant.id.index()];
    if (policy == nullptr) continue;
    rows.push_back(json::object{{"participant", participant.name},
                                {"outbound", policy->outbound.clauses.size()},
                                {"inbound", policy->inbound.clauses.size()},
                                {"text", *sources.controller->policy_text(participant.id)}});
  }
  return rows;
}

json::value show_rules(const Sources& sources) {
  const exchange::Exchange& exchange = exchange_of(sources);
  json::array rows;
  for (std::size_t i = 0; i < program::kTableCount; ++i) {
    const auto table = static_cast<program::TableId>(i);
    for (const program::Row& row : sources.controller->installed()->table(table)) {
      json::object object{{"table", std::string(program::name_of(table))},
                          {"priority", row.priority},
                          {"rule", program::to_string(row)},
                          {"origin", std::string(program::name_of(row.origin.kind))}};
      const bool of_somebody = row.origin.participant.index() < exchange.participants.size();
      if (of_somebody) object["participant"] = exchange.participant(row.origin.participant).name;
      object["clause"] = row.origin.clause;
      rows.push_back(std::move(object));
    }
  }
  return rows;
}

json::value show_notices(const Sources& sources) {
  json::array rows;
  for (const controller::Notice& notice : sources.controller->notices()) {
    const bool bad = notice.severity == Severity::kError;
    rows.push_back(json::object{{"severity", bad ? "error" : "note"}, {"text", notice.text}});
  }
  return rows;
}

Result<json::value> trace(const Sources& sources, std::string_view router,
                          std::string_view packet) {
  const exchange::Router* from = exchange_of(sources).find_router(router);
  if (from == nullptr) return fail(Error{fmt::format("no router is called '{}'", router)});
  FABRIX_TRY(const auto parsed, net::parse_packet(packet));
  const auto result = controller::trace(*sources.controller, from->id, parsed);
  json::array steps;
  for (const controller::TraceStep& step : result.steps) {
    steps.push_back(
        json::object{{"table", step.table}, {"row", step.row}, {"reason", step.reason}});
  }
  json::object object{{"packet", to_string(result.packet)},
                      {"from", std::string(router)},
                      {"steps", std::move(steps)},
                      {"verdict", result.verdict},
                      {"agrees", result.agrees},
                      {"text", controller::to_string(result, exchange_of(sources))}};
  object["delivered"] = json::value(nullptr);
  if (result.delivered) object["delivered"] = exchange_of(sources).router(*result.delivered).name;
  if (result.prefix) object["prefix"] = result.prefix->to_string();
  if (result.next_hop) object["next_hop"] = result.next_hop->to_string();
  if (result.next_hop_mac) object["next_hop_mac"] = result.next_hop_mac->to_string();
  return json::value(std::move(object));
}

json::value to_json(const Diagnostic& diagnostic) {
  static constexpr std::array<std::string_view, 3> kNames{"note", "warning", "error"};
  return json::object{{"severity", kNames[static_cast<std::size_t>(diagnostic.severity)]},
                      {"code", diagnostic.code},
                      {"message", diagnostic.message},
                      {"file", diagnostic.file},
                      {"line", diagnostic.at.line},
                      {"column", diagnostic.at.column},
                      {"length", diagnostic.at.length},
                      {"witness", diagnostic.witness},
                      {"help", diagnostic.help}};
}

}  // namespace fabrix::api
