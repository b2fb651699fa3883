#include "analyzer/script_api.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>
#include <variant>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include "io/file.h"
#include "telemetry/metric_query.h"

namespace fabrix::analyzer {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using Answer = script::Script::Answer;
using Arguments = json::array;

// Of what scripts share, in all.
constexpr std::size_t kMaxShared = std::size_t{4} << 20U;

std::string text_at(const Arguments& arguments, std::size_t index) {
  const bool is_text = index < arguments.size() && arguments[index].is_string();
  return is_text ? std::string(arguments[index].get_string()) : std::string();
}

double number_at(const Arguments& arguments, std::size_t index) {
  if (index >= arguments.size() || !arguments[index].is_number()) return -1;
  return arguments[index].to_number<double>();
}

json::value value_at(const Arguments& arguments, std::size_t index) {
  return index < arguments.size() ? arguments[index] : json::value();
}

std::optional<http::Method> method_of(std::string_view name) {
  for (const auto method : {http::Method::kGet, http::Method::kPut, http::Method::kDelete}) {
    if (to_string(method) == name) return method;
  }
  return std::nullopt;
}

// rest(method, [segment, ...], [[name, value], ...], body)
Result<json::value> rest(const ScriptWorld& world, const Arguments& arguments) {
  http::Request request;
  const auto method = method_of(text_at(arguments, 0));
  if (!method) return fail(Error{"that is no method"});
  request.method = *method;
  const json::value path = value_at(arguments, 1);
  const json::value query = value_at(arguments, 2);
  if (!path.is_array() || !query.is_array()) return fail(Error{"that is no path"});
  const Arguments& segments = path.get_array();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    request.target.segments.push_back(text_at(segments, i));
  }
  for (const json::value& pair : query.get_array()) {
    if (!pair.is_array()) return fail(Error{"that is no query"});
    request.target.parameters.push_back(
        {text_at(pair.get_array(), 0), text_at(pair.get_array(), 1)});
  }
  request.body = text_at(arguments, 3);
  const http::Response response =
      world.routes.answer(world.engine, request, nullptr, nullptr, &world.bgp.sessions());
  const auto* const body = std::get_if<std::string>(&response.body);
  if (body == nullptr) return fail(Error{"a script does not wait: it has handlers"});
  return json::object{{"status", response.status}, {"body", *body}};
}

Result<json::value> include(const ScriptWorld& world, const Arguments& arguments) {
  std::error_code error;
  const fs::path root = fs::weakly_canonical(world.directory, error);
  // Absolute paths stay what they are.
  const fs::path file = fs::weakly_canonical(root / text_at(arguments, 0), error);
  const auto inside = std::mismatch(root.begin(), root.end(), file.begin(), file.end());
  if (error || inside.first != root.end()) {
    return fail(Error{"only what is in the script's directory can be included"});
  }
  FABRIX_TRY(auto source, io::read_file(file.string(), script::kMaxSource));
  return json::object{{"file", file.string()}, {"source", std::move(source)}};
}

Result<json::value> store_get(const ScriptWorld& world, const Arguments& arguments) {
  return world.store.get(text_at(arguments, 0));
}

Result<json::value> store_set(const ScriptWorld& world, const Arguments& arguments) {
  if (auto done = world.store.set(text_at(arguments, 0), value_at(arguments, 1)); !done) {
    return fail(done.error());
  }
  return json::value(true);
}

Result<json::value> store_delete(const ScriptWorld& world, const Arguments& arguments) {
  return json::value(world.store.remove(text_at(arguments, 0)));
}

Result<json::value> store_keys(const ScriptWorld& world, const Arguments& /*arguments*/) {
  return world.store.keys();
}

Result<json::value> shared_get(const ScriptWorld& world, const Arguments& arguments) {
  const auto* const found = world.shared.if_contains(text_at(arguments, 0));
  return found == nullptr ? json::value() : *found;
}

Result<json::value> shared_set(const ScriptWorld& world, const Arguments& arguments) {
  const std::string key = text_at(arguments, 0);
  const json::value before = world.shared[key];
  world.shared[key] = value_at(arguments, 1);
  if (json::serialize(world.shared).size() <= kMaxShared) return json::value(true);
  world.shared[key] = before;
  return fail(Error{fmt::format("scripts share {} octets at most", kMaxShared)});
}

// "37.flow": the number before the first dot, or the two numbers before the second.
std::optional<telemetry::DataSource> source_of(const std::string& agent, std::string_view metric) {
  const auto address = net::IpAddress::parse(agent);
  if (!address) return std::nullopt;
  for (std::size_t dot = metric.find('.'); dot != std::string_view::npos;
       dot = metric.find('.', dot + 1)) {
    const auto next = metric.substr(dot + 1);
    const bool goes_on = !next.empty() && next.front() >= '0' && next.front() <= '9' &&
                         next.find('.') != std::string_view::npos;
    const auto source = telemetry::parse_data_source(metric.substr(0, dot));
    if (source && !goes_on) return telemetry::DataSource{.agent = *address, .id = *source};
  }
  return std::nullopt;
}

// thresholdTriggered(threshold, agent, "source.metric", flowKey)
Result<json::value> is_triggered(const ScriptWorld& world, const Arguments& arguments) {
  const auto source = source_of(text_at(arguments, 1), text_at(arguments, 2));
  if (!source) return fail(Error{"that is no agent, or no data source and metric: 37.flow"});
  return json::value(world.engine.thresholds().is_above(text_at(arguments, 0), *source,
                                                        text_at(arguments, 3), world.engine.now()));
}

// The routers of bgpAddSource: one, or {router, router6}.
struct SourceRouters {
  net::IpAddress router = net::IpAddress::unspecified(net::Family::kIpv4);
  std::optional<net::IpAddress> router6;
};

Result<SourceRouters> routers_at(const ScriptWorld& world, const Arguments& arguments) {
  const json::value told = value_at(arguments, 1);
  const auto* const object = told.if_object();
  const auto text = [&](std::string_view key) {
    const auto* const value = object != nullptr ? object->if_contains(key) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  };
  const auto router =
      net::IpAddress::parse(object != nullptr ? text("router") : text_at(arguments, 1));
  if (!router) return fail(Error{"a router is an address"});
  SourceRouters routers{.router = *router, .router6 = net::IpAddress::parse(text("router6"))};
  for (const auto& each : {std::optional(routers.router), routers.router6}) {
    if (each && !world.engine.routers().see(*each)) {
      return fail(Error{fmt::format("no routes of {} are known here", each->to_string())});
    }
  }
  return routers;
}

// bgpAddSource(agent, router[, seconds[, "bytes" or "frames"]]).
Result<json::value> bind_agent(const ScriptWorld& world, const Arguments& arguments) {
  telemetry::Routers& known = world.engine.routers();
  FABRIX_TRY(const auto routers, routers_at(world, arguments));
  const std::string agent = text_at(arguments, 0);
  const auto address = net::IpAddress::parse(agent);
  const bool is_all = agent == "ALL" || agent == "EDGE" || agent == "TOPOLOGY";
  if (!address && !is_all) return fail(Error{"an agent is an address, or ALL"});
  if (is_all && !known.members().empty()) {
    return fail(Error{"the agents of an exchange have its routes"});
  }
  if (is_all) {
    known.bind_others(routers.router);
  } else if (!known.bind(*address, routers.router, routers.router6)) {
    return fail(Error{"too many agents"});
  }
  const double seconds = number_at(arguments, 2);
  if (seconds <= 0) return json::value(true);
  const auto value = text_at(arguments, 3) == "frames" ? telemetry::RouteValue::kFrames
                                                       : telemetry::RouteValue::kBytes;
  const std::chrono::duration<double> smoothing(std::clamp(seconds, 1.0, 3600.0));
  for (const auto& each : {std::optional(routers.router), routers.router6}) {
    if (each) known.measure(*each, smoothing, value);
  }
  return json::value(true);
}

// datasourceInfo(agent, "37"): what is known of how it samples and counts.
Result<json::value> source_info(const ScriptWorld& world, const Arguments& arguments) {
  const auto agent = net::IpAddress::parse(text_at(arguments, 0));
  const auto source = telemetry::parse_data_source(text_at(arguments, 1));
  if (!agent || !source) return fail(Error{"that is no agent, or no data source"});
  const auto report = world.engine.metrics().health().source(*agent, *source);
  if (!report) return json::value();
  return json::object{{"samplingRate", report->sampling_rate},
                      {"effectiveSamplingRate", report->effective_sampling_rate},
                      {"flowSamples", report->flow_samples},
                      {"counterSamples", report->counter_samples},
                      {"effectivePollingInterval", report->effective_polling_seconds * 1000}};
}

// {"app": "ddos", "ip": "10.0.0.1"} as app="ddos" ip="10.0.0.1".
std::string syslog_text(const json::value& message) {
  if (message.is_string()) return std::string(message.get_string());
  if (!message.is_object()) return json::serialize(message);
  std::string text;
  for (const auto& [name, value] : message.get_object()) {
    if (!text.empty()) text += ' ';
    text += std::string(name) + "=" +
            (value.is_string() ? json::serialize(value) : "\"" + json::serialize(value) + "\"");
  }
  return text;
}

Result<json::value> syslog(const ScriptWorld& world, const Arguments& arguments) {
  std::string text = syslog_text(value_at(arguments, 4));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
  auto done = world.outlet.syslog(text_at(arguments, 0), number_at(arguments, 1),
                                  {.facility = number_at(arguments, 2),
                                   .severity = number_at(arguments, 3),
                                   .text = text,
                                   .time = std::chrono::system_clock::now()});
  if (!done) return fail(done.error());
  return json::value(true);
}

// "load 0.5 1479826502" of each number.
std::string graphite_text(const json::value& metrics, std::chrono::system_clock::time_point time) {
  std::string text;
  const auto* const object = metrics.if_object();
  if (object == nullptr) return text;
  const auto seconds = std::chrono::system_clock::to_time_t(time);
  for (const auto& [name, value] : *object) {
    const bool is_name = !name.empty() && std::ranges::all_of(std::string_view(name), [](char c) {
      return c > ' ' && c < 0x7f;
    });
    if (!is_name || !value.is_number()) continue;
    text += fmt::format("{} {} {}\n", std::string_view(name), json::serialize(value), seconds);
  }
  return text;
}

// graphite(host, port, {metric: number}): the script waits until they are handed over.
void graphite(const ScriptWorld& world, const Arguments& arguments, const Answer& answer) {
  std::string text = graphite_text(value_at(arguments, 2), std::chrono::system_clock::now());
  if (text.empty()) return answer(fail(Error{"there is no metric that is a number"}));
  auto sent = world.outlet.send_lines(text_at(arguments, 0), number_at(arguments, 1),
                                      std::move(text), answer);
  if (!sent) answer(fail(sent.error()));
}

// runCmd([program, argument, ...]): the script waits for its end.
void run_command(const ScriptWorld& world, const Arguments& arguments, const Answer& answer) {
  std::vector<std::string> words;
  const json::value given = value_at(arguments, 0);
  if (const auto* const array = given.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i) words.push_back(text_at(*array, i));
  }
  if (auto started = world.commands.run(std::move(words), answer); !started) {
    answer(fail(started.error()));
  }
}

json::object object_at(const Arguments& arguments, std::size_t index) {
  const json::value value = value_at(arguments, index);
  return value.is_object() ? value.get_object() : json::object();
}

// The script waits for the answer.
void http_request(const ScriptWorld& world, const Arguments& arguments, const Answer& answer) {
  if (auto sent = world.outlet.request(object_at(arguments, 0), answer); !sent) {
    answer(fail(sent.error()));
  }
}

// dnsGetAllByName(name): the script waits for the addresses.
void look_up(const ScriptWorld& world, const Arguments& arguments, const Answer& answer) {
  auto asked = world.outlet.look_up(text_at(arguments, 0), answer);
  if (!asked) answer(fail(asked.error()));
}

// httpAsync(number, request): the answer is work of its own.
void http_async(const ScriptWorld& world, const Arguments& arguments, const Answer& answer) {
  const json::value number = value_at(arguments, 0);
  auto tell = [deliver = world.deliver, number](Result<json::value> reply) {
    json::object work{{"do", "reply"}, {"number", number}};
    if (reply) {
      work["reply"] = *std::move(reply);
    } else {
      work["error"] = reply.error().message;
    }
    deliver(std::move(work));
  };
  auto sent = world.outlet.request(object_at(arguments, 1), std::move(tell));
  if (!sent) return answer(fail(sent.error()));
  answer(json::value(true));
}

Result<json::value> topology_version(const ScriptWorld& world, const Arguments& /*arguments*/) {
  return json::value(world.engine.topology().version());
}

// What an OpenFlow switch tells of a port: its datapath and its own number of it.
void add_openflow(const telemetry::MetricStore& metrics, const telemetry::DataSource& port,
                  json::object& found) {
  const telemetry::MetricMap* const told = metrics.find(port);
  if (told == nullptr) return;
  const auto add = [&](std::string_view name, std::string_view metric) {
    const auto at = told->find(metric);
    if (at != told->end()) found[name] = telemetry::text_of(at->second.value);
  };
  add("dpid", "of_dpid");
  add("ofport", "of_port");
}

// topologyInterface(agent, ifIndex): what is known of {node, port, link, dpid, ofport}.
Result<json::value> topology_interface(const ScriptWorld& world, const Arguments& arguments) {
  const telemetry::Topology& topology = world.engine.topology();
  json::object found;
  const auto agent = net::IpAddress::parse(text_at(arguments, 0));
  if (!agent) return found;
  const double number = number_at(arguments, 1);
  const auto if_index =
      number >= 0 && number <= 4294967295.0 ? static_cast<std::uint32_t>(number) : 0U;
  if (const auto* const node = topology.node_at(*agent, if_index)) found["node"] = *node;
  if (const auto* const port = topology.port_at(*agent, if_index)) found["port"] = *port;
  if (const auto* const link = topology.link_at(*agent, if_index)) found["link"] = *link;
  add_openflow(world.engine.metrics(), {*agent, {.type = 0, .index = if_index}}, found);
  return found;
}

// topologyAgent(node), as it was said or as agents have told it.
Result<json::value> topology_agent(const ScriptWorld& world, const Arguments& arguments) {
  const auto agent = world.engine.topology().agent_of(text_at(arguments, 0));
  return agent ? json::value(agent->to_string()) : json::value();
}

// topologyNodes(agent)
Result<json::value> topology_nodes(const ScriptWorld& world, const Arguments& arguments) {
  const auto agent = net::IpAddress::parse(text_at(arguments, 0));
  json::array names;
  if (!agent) return names;
  for (auto& name : world.engine.topology().nodes_of(*agent)) names.emplace_back(std::move(name));
  return names;
}

struct Function {
  std::string_view name;
  Result<json::value> (*answer)(const ScriptWorld& world, const Arguments& arguments);
};

constexpr std::array kFunctions{
    Function{"rest", rest},
    Function{"include", include},
    Function{"storeGet", store_get},
    Function{"storeSet", store_set},
    Function{"storeDelete", store_delete},
    Function{"storeKeys", store_keys},
    Function{"sharedGet", shared_get},
    Function{"sharedSet", shared_set},
    Function{"thresholdTriggered", is_triggered},
    Function{"bgpAddSource", bind_agent},
    Function{"syslog", syslog},
    Function{"datasourceInfo", source_info},
    Function{"topologyVersion", topology_version},
    Function{"topologyInterface", topology_interface},
    Function{"topologyAgent", topology_agent},
    Function{"topologyNodes", topology_nodes},
};

}  // namespace

void answer_script(const ScriptWorld& world, std::string_view name, const Arguments& arguments,
                   const Answer& answer) {
  if (name == "http") return http_request(world, arguments, answer);
  if (name == "httpAsync") return http_async(world, arguments, answer);
  if (name == "graphite") return graphite(world, arguments, answer);
  if (name == "dnsGetAllByName") return look_up(world, arguments, answer);
  if (name == "runCmd") return run_command(world, arguments, answer);
  if (auto told = world.bgp.call(name, arguments)) {
    // A session that there is already opens for this script now.
    const bool is_up =
        name == "bgpAddNeighbor" && *told && (*told)->is_bool() && (*told)->get_bool();
    if (is_up) world.deliver({{"do", "bgpOpen"}, {"router", text_at(arguments, 0)}});
    return answer(*std::move(told));
  }
  const auto* const found = std::ranges::find(kFunctions, name, &Function::name);
  if (found == kFunctions.end()) return answer(fail(Error{"there is no such function"}));
  answer(found->answer(world, arguments));
}

}  // namespace fabrix::analyzer
