#include "api/protocol.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "api/answer.h"
#include "api/bad_query.h"
#include "api/counter_query.h"
#include "api/flowspec_query.h"
#include "api/fsm_command.h"
#include "api/fsm_query.h"
#include "api/neighbor_queries.h"
#include "api/port_commands.h"
#include "api/port_query.h"
#include "api/proof_commands.h"
#include "api/route_queries.h"
#include "api/rpki_query.h"
#include "api/session_commands.h"
#include "controller/silent_targets.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;

template <typename Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Named& one : all) names.push_back(one.name);
  return names;
}

Answer show_routes_asked(const Sources& sources, const json::object& request) {
  const auto cursor = number_of(request, "cursor");
  return cursor ? Answer(show_table(sources, *cursor))
                : show_routes(sources, text_of(request, "for"));
}

Answer show_route_asked(const Sources& sources, const json::object& request) {
  const auto destination = text_of(request, "for");
  if (!destination) return bad_request("show route needs a prefix or an address (\"for\")");
  return show_route(sources, {.destination = *destination,
                              .from = text_of(request, "from"),
                              .to = text_of(request, "to")});
}

Answer show_neighbor_asked(const Sources& sources, const json::object& request) {
  const auto name = text_of(request, "name");
  if (!name) return bad_request("show neighbor needs a name (\"name\")");
  const auto list = text_of(request, "list");
  if (!list) return show_neighbor(sources, *name);
  return show_neighbor_routes(sources, *name, *list, number_of(request, "cursor").value_or(0));
}

// A query without parameters.
template <json::value (*Query)(const Sources&)>
Answer plain(const Sources& sources, const json::object& /*request*/) {
  return Query(sources);
}

Answer show_rpki_asked(const Sources& sources, const json::object& /*request*/) {
  return show_rpki(sources.rpki_status ? sources.rpki_status() : rpki::RpkiStatus{});
}

Answer show_bad_asked(const Sources& sources, const json::object& request) {
  return show_bad(sources, text_of(request, "name"));
}

Answer show_drops_asked(const Sources& sources, const json::object& request) {
  return show_drops(sources, text_of(request, "name"));
}

Answer show_counters_asked(const Sources& sources, const json::object& request) {
  return show_counters(sources, text_of(request, "name"));
}

Answer show_fsm_asked(const Sources& sources, const json::object& request) {
  return show_fsm(sources, text_of(request, "name"));
}

struct Shown {
  std::string_view what;
  Answer (*show)(const Sources&, const json::object&);
};

constexpr std::array kShown{
    Shown{"status", plain<show_status>},
    Shown{"participants", plain<show_participants>},
    Shown{"sessions", plain<show_sessions>},
    Shown{"neighbors", plain<show_neighbors>},
    Shown{"neighbor", show_neighbor_asked},
    Shown{"routes", show_routes_asked},
    Shown{"route", show_route_asked},
    Shown{"classes", plain<show_classes>},
    Shown{"policies", plain<show_policies>},
    Shown{"rules", plain<show_rules>},
    Shown{"notices", plain<show_notices>},
    Shown{"rpki", show_rpki_asked},
    Shown{"flowspec", plain<show_flowspec>},
    Shown{"bad", show_bad_asked},
    Shown{"fsm", show_fsm_asked},
    Shown{"counters", show_counters_asked},
    Shown{"ports", plain<show_ports>},
    Shown{"drops", show_drops_asked},
};

Answer show(const Handlers& handlers, const json::object& request) {
  const auto what = text_of(request, "what").value_or("status");
  const auto* const found = std::ranges::find(kShown, what, &Shown::what);
  if (found != kShown.end()) return found->show(handlers.sources, request);
  return not_found(fmt::format("nothing is called '{}' to show", what));
}

Answer trace_packet(const Handlers& handlers, const json::object& request) {
  const Sources& sources = handlers.sources;
  const auto router = text_of(request, "router");
  const auto packet = text_of(request, "packet");
  if (!router || !packet) {
    return bad_request("trace needs a router and a packet");
  }
  const auto& exchange = sources.controller->exchange();
  if (exchange.find_router(*router) == nullptr) {
    return not_found(fmt::format("no router is called '{}'{}", *router,
                                 did_you_mean(*router, names_of(exchange.routers))));
  }
  auto traced = trace(sources, *router, *packet);
  if (!traced) return bad_request(traced.error().message);
  return *std::move(traced);
}

Result<net::ParticipantId, Refusal> participant_of(const Handlers& handlers,
                                                   const json::object& request) {
  const auto name = text_of(request, "participant");
  if (!name) return bad_request("the request names no participant");
  const auto& exchange = handlers.controller->exchange();
  if (const auto* found = exchange.find_participant(*name)) return found->id;
  return not_found(fmt::format("no participant is called '{}'{}", *name,
                               did_you_mean(*name, names_of(exchange.participants))));
}

json::array to_array(const std::vector<Diagnostic>& diagnostics) {
  json::array array;
  for (const Diagnostic& diagnostic : diagnostics) array.push_back(to_json(diagnostic));
  return array;
}

Answer set_policy(const Handlers& handlers, const json::object& request) {
  FABRIX_TRY(const auto participant, participant_of(handlers, request));
  const auto text = text_of(request, "text");
  if (!text) return bad_request("set-policy needs the policy's text");
  const std::string_view file = text_of(request, "file").value_or("policy");
  const auto set = handlers.controller->set_policy(participant, *text, file);
  if (!set) {
    return fail(Refusal{.kind = RefusalKind::kRefused,
                        .error = "the policy is refused; the one before stays",
                        .diagnostics = to_array(set.error())});
  }
  auto remarks = *set;
  const controller::Controller& controller = *handlers.controller;
  if (const auto policy = controller.world().policies[participant.index()]) {
    const auto notes =
        controller::silent_targets(controller.exchange(), controller.route_server(), *policy, file);
    remarks.insert(remarks.end(), notes.begin(), notes.end());
  }
  return json::value(to_array(remarks));
}

Answer remove_policy(const Handlers& handlers, const json::object& request) {
  FABRIX_TRY(const auto participant, participant_of(handlers, request));
  handlers.controller->remove_policy(participant);
  return json::value(json::array{});
}

Answer reload(const Handlers& handlers, const json::object& request) {
  if (!handlers.reload) return bad_request("there is no configuration file to read again");
  const json::value* const check = request.if_contains("check");
  const bool checks = check != nullptr && check->is_bool() && check->get_bool();
  return to_json(handlers.reload(checks ? ReloadMode::kCheck : ReloadMode::kApply));
}

Answer command_sessions_asked(const Handlers& handlers, const json::object& request) {
  return command_sessions(*handlers.controller, handlers.bgp, request);
}

Answer command_ports_asked(const Handlers& handlers, const json::object& request) {
  return command_ports(*handlers.controller, handlers.bgp, request);
}

Answer verify_asked(const Handlers& handlers, const json::object& request) {
  return verify_command(*handlers.controller, request);
}

Answer what_if_asked(const Handlers& handlers, const json::object& request) {
  return what_if_command(*handlers.controller, request);
}

Answer send_event_asked(const Handlers& handlers, const json::object& request) {
  return send_event(*handlers.controller, request, io::EventLoop::now());
}

struct Command {
  std::string_view name;
  Answer (*carry_out)(const Handlers&, const json::object&);
};

constexpr std::array kCommands{
    Command{"show", show},
    Command{"trace", trace_packet},
    Command{"set-policy", set_policy},
    Command{"remove-policy", remove_policy},
    Command{"reload", reload},
    Command{"session", command_sessions_asked},
    Command{"port", command_ports_asked},
    Command{"verify", verify_asked},
    Command{"what-if", what_if_asked},
    Command{"event", send_event_asked},
};

Result<MonitorFilter, Refusal> begin_stream(const Handlers& handlers, const json::object& request) {
  if (handlers.monitors == nullptr) return bad_request("there is nothing to monitor here");
  if (handlers.monitors->listeners() >= MonitorHub::kMostListeners) {
    return bad_request(
        fmt::format("{} clients monitor already; try again later", MonitorHub::kMostListeners));
  }
  return monitor_filter(*handlers.controller, request);
}

Answer dispatch(const Handlers& handlers, const json::object& request) {
  const auto command = text_of(request, "command").value_or("");
  const auto* const found = std::ranges::find(kCommands, command, &Command::name);
  if (found != kCommands.end()) return found->carry_out(handlers, request);
  return bad_request(fmt::format("unknown command '{}'", command));
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

Reply reply_to(const Handlers& handlers, std::string_view request) {
  boost::system::error_code error;
  const json::value parsed = json::parse({request.data(), request.size()}, error);
  if (error || !parsed.is_object()) return {.line = refusal("the request is not a JSON object")};
  const json::object& object = parsed.get_object();
  if (text_of(object, "command") != "monitor") return {.line = to_line(dispatch(handlers, object))};
  auto filter = begin_stream(handlers, object);
  if (!filter) return {.line = to_line(fail(std::move(filter).error()))};
  return {.line = to_line(json::object{{"stream", "events"}}), .stream = *std::move(filter)};
}

std::string answer(const Handlers& handlers, std::string_view request) {
  return reply_to(handlers, request).line;
}

std::string refusal(std::string_view error) {
  return to_line(bad_request(std::string(error)));
}

}  // namespace fabrix::api
