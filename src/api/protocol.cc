#include "api/protocol.h"

#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace fabrix::api {
namespace {

namespace json = boost::json;

struct Refusal {
  std::string error;
  json::array diagnostics;
};
using Answer = Result<json::value, Refusal>;

Answer from(Result<json::value> result) {
  if (!result) return fail(Refusal{result.error().message, {}});
  return *std::move(result);
}

std::optional<std::string_view> text_of(const json::object& request, std::string_view key) {
  const json::value* value = request.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

Answer show(const Sources& sources, const json::object& request) {
  const auto what = text_of(request, "what").value_or("status");
  if (what == "status") return show_status(sources);
  if (what == "participants") return show_participants(sources);
  if (what == "sessions") return show_sessions(sources);
  if (what == "routes") return from(show_routes(sources, text_of(request, "for")));
  if (what == "classes") return show_classes(sources);
  if (what == "policies") return show_policies(sources);
  if (what == "rules") return show_rules(sources);
  if (what == "notices") return show_notices(sources);
  return fail(Refusal{fmt::format("nothing is called '{}' to show", what), {}});
}

Result<net::ParticipantId, Refusal> participant_of(const Handlers& handlers,
                                                   const json::object& request) {
  const auto name = text_of(request, "participant").value_or("");
  const auto* found = handlers.controller->exchange().find_participant(name);
  if (found == nullptr)
    return fail(Refusal{fmt::format("no participant is called '{}'", name), {}});
  return found->id;
}

json::array to_array(const std::vector<Diagnostic>& diagnostics) {
  json::array array;
  for (const Diagnostic& diagnostic : diagnostics) array.push_back(to_json(diagnostic));
  return array;
}

Answer set_policy(const Handlers& handlers, const json::object& request) {
  FABRIX_TRY(const auto participant, participant_of(handlers, request));
  const auto text = text_of(request, "text");
  if (!text) return fail(Refusal{"set-policy needs the policy's text", {}});
  const auto set = handlers.controller->set_policy(participant, *text,
                                                   text_of(request, "file").value_or("policy"));
  if (!set) return fail(Refusal{"the policy is refused", to_array(set.error())});
  return json::value(to_array(*set));
}

Answer dispatch(const Handlers& handlers, const json::object& request) {
  const auto command = text_of(request, "command").value_or("");
  if (command == "show") return show(handlers.sources, request);
  if (command == "trace") {
    return from(trace(handlers.sources, text_of(request, "router").value_or(""),
                      text_of(request, "packet").value_or("")));
  }
  if (command == "set-policy") return set_policy(handlers, request);
  if (command == "remove-policy") {
    FABRIX_TRY(const auto participant, participant_of(handlers, request));
    handlers.controller->remove_policy(participant);
    return json::value(json::array{});
  }
  return fail(Refusal{fmt::format("unknown command '{}'", command), {}});
}

}  // namespace

std::string answer(const Handlers& handlers, std::string_view request) {
  boost::system::error_code error;
  const json::value parsed = json::parse({request.data(), request.size()}, error);
  Answer result = fail(Refusal{"the request is not a JSON object", {}});
  if (!error && parsed.is_object()) result = dispatch(handlers, parsed.get_object());
  json::object reply{{"ok", result.has_value()}};
  if (result) {
    reply["data"] = *std::move(result);
  } else {
    reply["error"] = result.error().error;
    reply["diagnostics"] = result.error().diagnostics;
  }
  return json::serialize(reply) + "\n";
}

}  // namespace fabrix::api
