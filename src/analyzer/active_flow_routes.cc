#include "analyzer/active_flow_routes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "analyzer/agent_list.h"
#include "analyzer/json_fields.h"
#include "analyzer/long_poll.h"
#include "telemetry/flow_meter.h"
#include "telemetry/topology.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostFlows = 100'000;

double minimum_of(const Call& call, double otherwise) {
  const auto text = call.parameter("minValue");
  if (!text) return otherwise;
  const json::object said{{"minValue", *text}};
  const auto number = number_in(said, "minValue");
  return number ? number->value_or(otherwise) : otherwise;
}

// What it is worth at least: a flow that took over another one's place is not told with what that
// had.
json::object to_json(const telemetry::ReportedFlow& flow) {
  json::object object{
      {"key", flow.key}, {"value", number_json(flow.value - flow.error)}, {"flowN", flow.sources}};
  if (flow.source) {
    object["agent"] = flow.source->agent.to_string();
    object["dataSource"] = telemetry::data_source_name(flow.source->id);
  }
  if (!flow.values.empty()) object["values"] = numbers_json(flow.values);
  return object;
}

using telemetry::Aggregation;
using telemetry::Topology;

// What aggMode asks for: how flows of several data sources are put together, and of which.
struct Mode {
  std::string_view name;
  Aggregation aggregation = Aggregation::kMaximum;
  std::optional<Topology::Place> place;  // none: anywhere
};

// What enters at the edge is added up: each packet comes in once. Links see it one after another.
constexpr std::array kModes{Mode{"max", Aggregation::kMaximum, {}},
                            Mode{"sum", Aggregation::kSum, {}},
                            Mode{"edge", Aggregation::kSum, Topology::Place::kEdge},
                            Mode{"core", Aggregation::kMaximum, Topology::Place::kCore}};

// Whether each part of the pattern is the key's at its place, or nothing.
bool fits_key(std::string_view pattern, std::string_view key, std::string_view separator) {
  if (separator.empty()) return pattern.empty() || pattern == key;
  while (true) {
    const std::size_t end = pattern.find(separator);
    const std::size_t key_end = key.find(separator);
    const std::string_view wanted = pattern.substr(0, end);
    if (!wanted.empty() && wanted != key.substr(0, key_end)) return false;
    const bool is_last = end == std::string_view::npos;
    if (is_last || key_end == std::string_view::npos) {
      return is_last && key_end == std::string_view::npos;
    }
    pattern.remove_prefix(end + separator.size());
    key.remove_prefix(key_end + separator.size());
  }
}

http::Response tell_active_flows(const Call& call) {
  const auto* const flow = call.engine.flows().find(call.names[1]);
  if (flow == nullptr) return missing("flow", call.names[1]);
  const auto flows = active_flows(call, call.names[0], *flow, {.key = call.parameter("key")});
  if (!flows) return bad_request(flows.error());
  json::array array;
  for (const auto& reported : *flows) array.push_back(to_json(reported));
  return json_answer(array);
}

// Where the flow of the parameter `key` is seen, the largest first.
http::Response flow_locations(const Call& call) {
  const auto* const flow = call.engine.flows().find(call.names[1]);
  if (flow == nullptr) return missing("flow", call.names[1]);
  const auto agents = parse_agents(call.names[0]);
  if (!agents) return bad_request(agents.error());
  const std::string key(call.parameter("key").value_or(""));
  std::vector<telemetry::ReportedFlow> found;
  for (auto& [source, at] : flow->meter.values_of(key, call.engine.now())) {
    if (!agents->takes(source, call.engine.topology())) continue;
    found.push_back(
        {.key = key, .value = at.value, .source = source, .values = std::move(at.values)});
  }
  std::ranges::stable_sort(found, std::ranges::greater(), &telemetry::ReportedFlow::value);
  json::array array;
  for (const auto& reported : found) {
    auto object = to_json(reported);
    object.stable_erase("flowN");
    array.push_back(std::move(object));
  }
  return json_answer(array);
}

// "37.ddos": a data source and a flow; or a flow alone. Flows' names may have dots.
struct FlowMetric {
  std::optional<sflow::SourceId> source;
  const telemetry::Flow* flow = nullptr;
};

FlowMetric flow_metric(const telemetry::FlowTable& flows, const std::string& text) {
  if (const auto* const flow = flows.find(text)) return {.flow = flow};
  for (std::size_t dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot + 1)) {
    const auto source = telemetry::parse_data_source(std::string_view(text).substr(0, dot));
    const auto* const flow = flows.find(text.substr(dot + 1));
    if (source && flow != nullptr) return {.source = source, .flow = flow};
  }
  return {};
}

// The largest of the agent's data sources, or of the one that is named; 0 if it is not there.
http::Response flow_value(const Call& call) {
  const FlowMetric metric = flow_metric(call.engine.flows(), call.names[1]);
  if (metric.flow == nullptr) return missing("flow", call.names[1]);
  const auto agents = parse_agents(call.names[0]);
  if (!agents) return bad_request(agents.error());
  double largest = 0;
  const auto key = call.parameter("key").value_or("");
  for (const auto& [source, at] : metric.flow->meter.values_of(key, call.engine.now())) {
    const bool is_agent = agents->takes(source, call.engine.topology());
    const bool is_source = !metric.source || *metric.source == source.id;
    if (is_agent && is_source) largest = std::max(largest, at.value);
  }
  return json_answer(number_json(largest));
}

}  // namespace

Result<std::vector<telemetry::ReportedFlow>> active_flows(const Call& call,
                                                          const std::string& agents,
                                                          const telemetry::Flow& flow,
                                                          const ActiveFlowDefaults& defaults) {
  FABRIX_TRY(const auto asked, parse_agents(agents));
  const std::string_view wanted = call.parameter("aggMode").value_or(defaults.mode);
  const auto small = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  const auto* const mode = std::ranges::find_if(
      kModes, [&](const Mode& one) { return std::ranges::equal(one.name, wanted, {}, {}, small); });
  if (mode == kModes.end()) return fail(Error{"aggMode is max, sum, edge or core"});
  const Topology& topology = call.engine.topology();
  const auto takes = [&](const telemetry::DataSource& source) {
    return asked.takes(source, topology) &&
           (!mode->place || topology.place_of(source) == *mode->place);
  };
  const std::size_t count = count_of(call, "maxFlows", defaults.count, kMostFlows);
  const telemetry::FlowQuery query{.count = defaults.key ? kMostFlows : count,
                                   .aggregation = mode->aggregation,
                                   .minimum = minimum_of(call, defaults.minimum),
                                   .top_of_source = static_cast<std::size_t>(flow.spec.n),
                                   .takes = takes};
  auto flows = flow.meter.active_flows(query, call.engine.now());
  if (!defaults.key) return flows;
  std::erase_if(flows, [&](const telemetry::ReportedFlow& reported) {
    return !fits_key(*defaults.key, reported.key, flow.spec.separator);
  });
  if (flows.size() > count) flows.resize(count);
  return flows;
}

std::span<const Route> active_flow_routes() {
  static constexpr std::array kRoutes{
      Route{http::Method::kGet, "/activeflows/{}/{}/json", tell_active_flows},
      Route{http::Method::kGet, "/flowlocations/{}/{}/json", flow_locations},
      Route{http::Method::kGet, "/flowvalue/{}/{}/json", flow_value},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
