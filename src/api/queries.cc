#include "api/queries.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
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

std::string_view word_of(Severity severity) {
  static constexpr std::array<std::string_view, 3> kNames{"note", "warning", "error"};
  return kNames.at(static_cast<std::size_t>(severity));
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

// The labels of the queries that count what the row matches.
json::array queries_of(const Sources& sources, const program::Row& row) {
  json::array labels;
  const auto& policy = sources.controller->world().policies[row.origin.participant.index()];
  if (policy == nullptr) return labels;
  for (const policy::ClauseList* list : {&policy->outbound, &policy->inbound}) {
    for (const policy::Query& query : list->queries) {
      const bool counts = std::ranges::find(row.queries, query.id) != row.queries.end();
      if (counts) labels.emplace_back(label_of(query));
    }
  }
  return labels;
}

// When the fabric was last read, if it was.
void add_audit(const controller::Controller& controller, json::object& status) {
  using std::chrono::duration_cast;
  const auto& last = controller.last_audit();
  status["audits"] = controller.counters().audits;
  status["drifts"] = controller.counters().drifts;
  if (!last) return;
  const auto ago = controller::Controller::Clock::now() - last->at;
  status["audit_seconds_ago"] = duration_cast<std::chrono::seconds>(ago).count();
  status["audit_microseconds"] = last->took.count();
}

}  // namespace

json::value show_status(const Sources& sources) {
  const auto& controller = *sources.controller;
  std::size_t up = 0;
  for (const routeserver::Peer& peer : controller.route_server().peers()) {
    if (controller.route_server().is_up(peer.id)) ++up;
  }
  json::object status{{"exchange", exchange_of(sources).name},
                      {"asn", exchange_of(sources).asn.value},
                      {"sessions_up", up},
                      {"sessions", std::ranges::count(controller.route_server().peers(), true,
                                                      &routeserver::Peer::present)},
                      {"prefixes", controller.route_server().prefix_count()},
                      {"rules", controller.installed()->row_count()},
                      {"rounds", controller.counters().rounds},
                      {"installs", controller.counters().installs},
                      {"refused", controller.counters().refused},
                      {"neighbor_answers", controller.counters().neighbor_answers},
                      {"questions", controller.punt_budget().taken()},
                      {"questions_refused", controller.punt_budget().refused()},
                      {"events", controller.counters().events},
                      {"refused_events", controller.counters().refused_events},
                      {"fabric", controller.fabric().status()},
                      {"settled", controller.is_settled()}};
  if (const auto faults =
          sources.fabric_faults ? sources.fabric_faults() : std::vector<std::string>();
      !faults.empty()) {
    status["fabric_faults"] = json::array(faults.begin(), faults.end());
  }
  add_audit(controller, status);
  return status;
}

json::value show_participants(const Sources& sources) {
  const exchange::Exchange& exchange = exchange_of(sources);
  json::array rows;
  for (const exchange::Participant& participant : exchange.participants) {
    if (!participant.present) continue;
    rows.push_back(json::object{
        {"name", participant.name},
        {"asn", participant.asn.value},
        {"routers", names_of(exchange, participant.routers)},
        {"prefixes", sources.controller->route_server().announced_by(participant.id).size()},
        {"policy", sources.controller->policy_text(participant.id) != nullptr}});
  }
  return rows;
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
      if (!row.queries.empty()) object["queries"] = queries_of(sources, row);
      rows.push_back(std::move(object));
    }
  }
  return rows;
}

json::value show_notices(const Sources& sources) {
  json::array rows;
  for (const controller::Notice& notice : sources.controller->notices()) {
    rows.push_back(json::object{{"severity", word_of(notice.severity)}, {"text", notice.text}});
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
  return json::object{{"severity", word_of(diagnostic.severity)},
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
