#include "api/fsm_command.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "api/fsm_query.h"
#include "api/queries.h"
#include "policy/fsm_policy.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

using controller::Controller;
using controller::FsmEvent;

bool takes(const Controller& controller, net::ParticipantId participant, std::string_view event) {
  const auto view = controller.fsms(participant);
  return view.policy != nullptr &&
         std::ranges::find(view.policy->events(), event, &policy::Event::name) !=
             view.policy->events().end();
}

// Whose policy the event is for.
Result<net::ParticipantId, Refusal> addressee(const Controller& controller,
                                              const json::object& request, std::string_view event) {
  const exchange::Exchange& exchange = controller.exchange();
  if (const auto name = text_of(request, "participant")) {
    if (const auto* found = exchange.find_participant(*name)) return found->id;
    std::vector<std::string> known;
    for (const auto& each : exchange.participants) known.push_back(each.name);
    return not_found(
        fmt::format("no participant is called '{}'{}", *name, did_you_mean(*name, known)));
  }
  std::vector<const exchange::Participant*> taking;
  for (const exchange::Participant& each : exchange.participants) {
    if (takes(controller, each.id, event)) taking.push_back(&each);
  }
  if (taking.size() == 1) return taking.front()->id;
  if (taking.empty()) return not_found(fmt::format("no policy has an event '{}'", event));
  std::string names;
  for (const auto* each : taking) names += (names.empty() ? "" : ", ") + each->name;
  return bad_request(
      fmt::format("several policies have an event '{}': say whose ({})", event, names));
}

Result<std::string, Refusal> value_text(std::string_view key, const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return std::string(value.get_bool() ? "true" : "false");
  if (value.is_int64() && value.get_int64() >= 0) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  return bad_request(fmt::format("\"{}\" is a text, a number or a boolean", key));
}

Result<FsmEvent, Refusal> event_of(const json::object& request) {
  FsmEvent event;
  event.name = text_of(request, "event").value_or("");
  if (event.name.empty()) return bad_request(R"(which event? ("event"))");
  for (const auto& field : request) {
    const std::string key(field.key());
    if (key == "command" || key == "event" || key == "participant") continue;
    FABRIX_TRY(auto text, value_text(key, field.value()));
    if (key == "source") {
      event.source = std::move(text);
    } else {
      event.fields.emplace_back(key, std::move(text));
    }
  }
  return event;
}

}  // namespace

Answer send_event(Controller& controller, const json::object& request, controller::FsmTime now) {
  FABRIX_TRY(const auto event, event_of(request));
  FABRIX_TRY(const auto participant, addressee(controller, request, event.name));
  const auto moved = controller.event(participant, event, now);
  if (!moved) {
    json::array diagnostics;
    for (const Diagnostic& each : moved.error().diagnostics) diagnostics.push_back(to_json(each));
    const bool too_large = !diagnostics.empty();
    return fail(Refusal{.kind = too_large ? RefusalKind::kRefused : RefusalKind::kBadRequest,
                        .error = moved.error().error,
                        .diagnostics = std::move(diagnostics)});
  }
  json::array transitions;
  for (const controller::FsmTransition& each : *moved) transitions.push_back(to_json(each));
  return json::value(
      json::object{{"participant", controller.exchange().participant(participant).name},
                   {"event", event.name},
                   {"transitions", std::move(transitions)}});
}

}  // namespace fabrix::api
