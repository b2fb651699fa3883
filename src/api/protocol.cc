#include "api/protocol.h"

#include <optional>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "base/suggest.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

enum class Kind : std::uint8_t { kNotFound, kBadRequest, kRefused };

constexpr std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::kNotFound:
      return "not-found";
    case Kind::kBadRequest:
      return "bad-request";
    case Kind::kRefused:
      return "refused";
  }
  return "refused";
}

struct Refusal {
  Kind kind = Kind::kBadRequest;
  std::string error;
  json::array diagnostics;
};
using Answer = Result<json::value, Refusal>;

tl::unexpected<Refusal> refuse(Kind kind, std::string error) {
  return fail(Refusal{.kind = kind, .error = std::move(error), .diagnostics = {}});
}

Answer from(Result<json::value> result) {
  if (!result) return refuse(Kind::kBadRequest, result.error().message);
  return *std::move(result);
}

std::optional<std::string_view> text_of(const json::object& request, std::string_view key) {
  const json::value* value = request.if_contains(key);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

// "; did you mean a1?", or nothing.
template <typename Named>
std::string hint(std::string_view name, const std::vector<Named>& named) {
  std::vector<std::string> names;
  names.reserve(named.size());
  for (const Named& one : named) names.push_back(one.name);
  const auto meant = nearest(name, names);
  return meant ? "; did you mean " + *meant + "?" : "";
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
  return refuse(Kind::kNotFound, fmt::format("nothing is called '{}' to show", what));
}

Answer trace_packet(const Sources& sources, const json::object& request) {
  const auto router = text_of(request, "router");
  const auto packet = text_of(request, "packet");
  if (!router || !packet) {
    return refuse(Kind::kBadRequest, "trace needs a router and a packet");
  }
  const auto& exchange = sources.controller->exchange();
  if (exchange.find_router(*router) == nullptr) {
    return refuse(Kind::kNotFound, fmt::format("no router is called '{}'{}", *router,
                                               hint(*router, exchange.routers)));
  }
  return from(trace(sources, *router, *packet));
}

Result<net::ParticipantId, Refusal> participant_of(const Handlers& handlers,
                                                   const json::object& request) {
  const auto name = text_of(request, "participant");
  if (!name) return refuse(Kind::kBadRequest, "the request names no participant");
  const auto& exchange = handlers.controller->exchange();
  if (const auto* found = exchange.find_participant(*name)) return found->id;
  return refuse(Kind::kNotFound, fmt::format("no participant is called '{}'{}", *name,
                                             hint(*name, exchange.participants)));
}

json::array to_array(const std::vector<Diagnostic>& diagnostics) {
  json::array array;
  for (const Diagnostic& diagnostic : diagnostics) array.push_back(to_json(diagnostic));
  return array;
}

Answer set_policy(const Handlers& handlers, const json::object& request) {
  FABRIX_TRY(const auto participant, participant_of(handlers, request));
  const auto text = text_of(request, "text");
  if (!text) return refuse(Kind::kBadRequest, "set-policy needs the policy's text");
  const auto set = handlers.controller->set_policy(participant, *text,
                                                   text_of(request, "file").value_or("policy"));
  if (!set) {
    return fail(Refusal{.kind = Kind::kRefused,
                        .error = "the policy is refused; the one before stays",
                        .diagnostics = to_array(set.error())});
  }
  return json::value(to_array(*set));
}

Answer dispatch(const Handlers& handlers, const json::object& request) {
  const auto command = text_of(request, "command").value_or("");
  if (command == "show") return show(handlers.sources, request);
  if (command == "trace") return trace_packet(handlers.sources, request);
  if (command == "set-policy") return set_policy(handlers, request);
  if (command == "remove-policy") {
    FABRIX_TRY(const auto participant, participant_of(handlers, request));
    handlers.controller->remove_policy(participant);
    return json::value(json::array{});
  }
  return refuse(Kind::kBadRequest, fmt::format("unknown command '{}'", command));
}

std::string to_line(const Answer& result) {
  json::object reply{{"ok", result.has_value()}};
  if (result) {
    reply["data"] = *result;
  } else {
    reply["kind"] = name_of(result.error().kind);
    reply["error"] = result.error().error;
    reply["diagnostics"] = result.error().diagnostics;
  }
  return json::serialize(reply) + "\n";
}

}  // namespace

std::string answer(const Handlers& handlers, std::string_view request) {
  boost::system::error_code error;
  const json::value parsed = json::parse({request.data(), request.size()}, error);
  if (error || !parsed.is_object()) return refusal("the request is not a JSON object");
  return to_line(dispatch(handlers, parsed.get_object()));
}

std::string refusal(std::string_view error) {
  return to_line(refuse(Kind::kBadRequest, std::string(error)));
}

}  // namespace fabrix::api
