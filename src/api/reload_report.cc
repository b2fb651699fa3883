#include "api/reload_report.h"

#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "api/queries.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

std::string_view name_of(ReloadOutcome outcome) {
  switch (outcome) {
    case ReloadOutcome::kApplied:
      return "applied";
    case ReloadOutcome::kChecked:
      return "checked";
    case ReloadOutcome::kRefused:
      return "refused";
  }
  return "refused";
}

std::string_view name_of(exchange::SessionEffect effect) {
  switch (effect) {
    case exchange::SessionEffect::kAdded:
      return "added";
    case exchange::SessionEffect::kRemoved:
      return "removed";
    case exchange::SessionEffect::kReset:
      return "reset";
    case exchange::SessionEffect::kReevaluate:
      return "re-evaluated";
  }
  return "";
}

std::string_view explain(exchange::SessionEffect effect) {
  switch (effect) {
    case exchange::SessionEffect::kAdded:
      return "may connect";
    case exchange::SessionEffect::kRemoved:
      return "ends: the peer is no longer configured";
    case exchange::SessionEffect::kReset:
      return "ends and begins anew";
    case exchange::SessionEffect::kReevaluate:
      return "stays; its routes are judged again";
  }
  return "";
}

}  // namespace

json::value to_json(const ReloadReport& report) {
  json::array changes;
  for (const exchange::Change& change : report.changes) {
    changes.push_back(json::object{{"subject", change.subject}, {"what", change.what}});
  }
  json::array sessions;
  for (const exchange::SessionChange& change : report.sessions) {
    sessions.push_back(
        json::object{{"address", change.address.to_string()}, {"effect", name_of(change.effect)}});
  }
  json::array problems;
  for (const Diagnostic& problem : report.problems) problems.push_back(to_json(problem));
  return json::object{{"outcome", name_of(report.outcome)},
                      {"changes", std::move(changes)},
                      {"sessions", std::move(sessions)},
                      {"problems", std::move(problems)},
                      {"text", to_text(report)}};
}

std::string to_text(const ReloadReport& report) {
  std::string text = report.problem_text;
  if (report.outcome == ReloadOutcome::kRefused) return text;
  for (const exchange::Change& change : report.changes) text += to_string(change) + "\n";
  for (const exchange::SessionChange& change : report.sessions) {
    text += fmt::format("session {}: {}\n", change.address.to_string(), explain(change.effect));
  }
  return report.changes.empty() ? text + "no changes\n" : text;
}

}  // namespace fabrix::api
