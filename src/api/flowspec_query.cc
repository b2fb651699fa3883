#include "api/flowspec_query.h"

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "bgp/flowspec_actions.h"
#include "routeserver/flowspec_table.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

void append(std::string& text, const std::string& word, std::string_view separator) {
  if (!text.empty()) text += separator;
  text += word;
}

std::string actions_of(const routeserver::FlowSpecEntry& entry) {
  std::string text;
  for (const auto& action : entry.actions) append(text, bgp::to_string(action), ", ");
  return text.empty() ? "accept" : text;
}

json::object row_of(const controller::Controller& controller, const bgp::FlowSpecRule& rule,
                    const routeserver::FlowSpecEntry& entry) {
  const auto& exchange = controller.exchange();
  const auto& server = controller.route_server();
  const bool accepted = entry.verdict.accepted();
  std::string told;
  for (const routeserver::PeerId peer : controller.flowspec().told(rule, entry)) {
    append(told, exchange.router(server.peer(peer).router).name, " ");
  }
  return {{"rule", rule.to_string()},
          {"announcer", exchange.router(server.peer(entry.from.peer).router).name},
          {"participant", exchange.participant(entry.from.participant).name},
          {"actions", actions_of(entry)},
          {"state", accepted ? "accepted" : "invalid"},
          {"reason", accepted ? "" : to_string(entry.verdict)},
          {"told", told}};
}

}  // namespace

json::value show_flowspec(const Sources& sources) {
  const controller::Controller& controller = *sources.controller;
  json::array rows;
  controller.flowspec().for_each([&](const bgp::FlowSpecRule& rule, auto entries) {
    for (const auto& entry : entries) rows.push_back(row_of(controller, rule, entry));
  });
  const auto& exchange = controller.exchange();
  for (const exchange::Participant& participant : exchange.participants) {
    const std::size_t refused = controller.flowspec().refused_count(participant.id);
    if (refused == 0) continue;
    rows.push_back(
        json::object{{"rule", ""},
                     {"announcer", ""},
                     {"participant", participant.name},
                     {"actions", ""},
                     {"state", "over cap"},
                     {"reason", fmt::format("{} announcements refused: {} rules at most", refused,
                                            exchange.route_server.flowspec_rules)},
                     {"told", ""}});
  }
  return rows;
}

}  // namespace fabrix::api
