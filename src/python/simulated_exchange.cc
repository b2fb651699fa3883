#include "python/simulated_exchange.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/fsm_query.h"
#include "api/queries.h"
#include "api/route_json.h"
#include "io/file.h"
#include "policy/policy.h"

namespace fabrix::python {
namespace {

namespace json = boost::json;

json::value text_or_null(const auto& value) {
  return value ? json::value(json::string(value->to_string())) : json::value(nullptr);
}

json::object trace_of(const lab::SimulatedStep& step, const exchange::Exchange& exchange) {
  const controller::Trace& trace = *step.trace;
  json::array steps;
  for (const controller::TraceStep& each : trace.steps) {
    steps.push_back(
        json::object{{"table", each.table}, {"row", each.row}, {"reason", each.reason}});
  }
  json::object object{{"packet", net::to_string(trace.packet)},
                      {"from", step.from},
                      {"steps", std::move(steps)},
                      {"verdict", trace.verdict},
                      {"out", net::to_string(trace.out)},
                      {"agrees", trace.agrees},
                      {"text", controller::to_string(trace, exchange)}};
  object["prefix"] = text_or_null(trace.prefix);
  object["next_hop"] = text_or_null(trace.next_hop);
  object["tag"] = trace.is_virtual ? text_or_null(trace.next_hop_mac) : json::value(nullptr);
  return object;
}

// Why a policy without mistakes is not in use: the round that it was in was refused.
std::string why_refused(const lab::SimulatedStep& step) {
  std::string text = "the policy of " + step.participant + " is refused; the one before stays";
  for (const std::string& notice : step.notices) text += "\n" + notice;
  return text;
}

}  // namespace

SimulatedExchange::SimulatedExchange(ExchangePtr exchange, std::string directory)
    : exchange_(std::move(exchange)),
      directory_(std::move(directory)),
      simulation_(*exchange_, [this](const std::string& file) {
        return io::read_file((std::filesystem::path(directory_) / file).string(),
                             policy::kMaxPolicySize);
      }) {}

Outcome SimulatedExchange::outcome_of(Result<lab::SimulatedStep> step) const {
  if (!step) return refused(std::move(step).error().message);
  if (step->command == "policy" && !step->ok) {
    return fail(Failure{.kind = FailureKind::kPolicy,
                        .message = why_refused(*step),
                        .diagnostics = std::move(step->diagnostics),
                        .source = std::move(step->policy_text)});
  }
  json::array notices;
  for (const std::string& each : step->notices) notices.push_back(json::string(each));
  json::array warnings;
  for (const Diagnostic& each : step->diagnostics) warnings.push_back(api::to_json(each));
  json::object object{{"command", step->command},
                      {"ok", step->ok},
                      {"participant", step->participant},
                      {"expected", step->expected},
                      {"delivered", step->delivered},
                      {"notices", std::move(notices)},
                      {"warnings", std::move(warnings)},
                      {"warning_text", render(step->diagnostics, step->policy_text)}};
  if (step->command == "event" || step->command == "wait") {
    json::array transitions;
    for (const auto& each : step->transitions) transitions.push_back(api::to_json(each));
    object["transitions"] = std::move(transitions);
  }
  if (step->trace) object["trace"] = trace_of(*step, *exchange_);
  return json::value(std::move(object));
}

Outcome SimulatedExchange::run(const std::string& line) {
  return outcome_of(simulation_.run(line));
}

Outcome SimulatedExchange::set_policy(const std::string& participant, const std::string& text,
                                      const std::string& file) {
  return outcome_of(simulation_.set_policy(participant, text, file));
}

Outcome SimulatedExchange::send(const std::string& router, const net::Packet& packet) {
  return outcome_of(simulation_.send(router, packet));
}

Outcome SimulatedExchange::load_policies() {
  json::array all;
  for (lab::SimulatedStep& step : simulation_.load_policies()) {
    FABRIX_TRY(auto one, outcome_of(std::move(step)));
    all.push_back(std::move(one));
  }
  return json::value(std::move(all));
}

Outcome SimulatedExchange::show(const std::string& what) const {
  using Query = json::value (*)(const api::Sources&);
  static constexpr std::array<std::pair<std::string_view, Query>, 6> kQueries{{
      {"rules", api::show_rules},
      {"classes", api::show_classes},
      {"policies", api::show_policies},
      {"participants", api::show_participants},
      {"status", api::show_status},
      {"notices", api::show_notices},
  }};
  for (const auto& [name, query] : kQueries) {
    if (name == what) return query({.controller = &simulation_.controller()});
  }
  if (what != "table") return refused(fmt::format("there is no '{}' to show", what));
  json::array rows;
  const auto& server = simulation_.controller().route_server();
  for (const net::Prefix& prefix : server.prefixes()) {
    for (const routeserver::Route& route : server.all_routes(prefix)) {
      rows.push_back(api::route_json(simulation_.controller(), prefix, route));
    }
  }
  return json::value(std::move(rows));
}

Outcome SimulatedExchange::routes(const std::string& participant) const {
  const auto* client = exchange_->find_participant(participant);
  if (client == nullptr) return refused(fmt::format("no participant is called '{}'", participant));
  const controller::Controller& controller = simulation_.controller();
  json::array rows;
  controller.route_server().for_each_prefix(
      client->id, [&](const net::Prefix& prefix, const exchange::Routes&) {
        bool best = true;
        for (const routeserver::Route& route :
             controller.route_server().candidates(client->id, prefix)) {
          json::object row = api::route_json(controller, prefix, route);
          row["best"] = std::exchange(best, false);
          row["told"] = text_or_null(controller.next_hop(client->id, prefix));
          rows.push_back(std::move(row));
        }
      });
  return json::value(std::move(rows));
}

}  // namespace fabrix::python
