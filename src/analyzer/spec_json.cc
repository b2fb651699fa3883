#include "analyzer/spec_json.h"

#include <string>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include "analyzer/json_fields.h"
#include "exchange/config_value.h"
#include "io/endpoint.h"
#include "telemetry/metric_query.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::FlowDefinition;
using telemetry::FlowSpec;
using telemetry::IpfixCollector;
using telemetry::ThresholdSpec;

constexpr std::size_t kMostCollectors = 8;

// Of what is there, the rest stays.
Result<void> read(const json::object& object, std::string_view key, std::string& to) {
  FABRIX_TRY(auto text, text_in(object, key));
  if (text) to = *std::move(text);
  return {};
}

Result<void> read(const json::object& object, std::string_view key, double& to) {
  FABRIX_TRY(const auto number, number_in(object, key));
  to = number.value_or(to);
  return {};
}

Result<bool> flag(const json::object& object, std::string_view key) {
  FABRIX_TRY(const auto flag, flag_in(object, key));
  return flag.value_or(false);
}

Result<void> read_texts(const json::object& object, FlowSpec& spec) {
  if (auto done = read(object, "keys", spec.keys); !done) return done;
  if (auto done = read(object, "value", spec.value); !done) return done;
  if (auto done = read(object, "values", spec.values); !done) return done;
  if (auto done = read(object, "filter", spec.filter); !done) return done;
  return read(object, "fs", spec.separator);
}

Result<void> read_numbers(const json::object& object, FlowSpec& spec) {
  if (auto done = read(object, "n", spec.n); !done) return done;
  if (auto done = read(object, "t", spec.t); !done) return done;
  return read(object, "activeTimeout", spec.active_timeout);
}

// "192.0.2.1:4739,2001:db8::1", or a list of such texts.
Result<std::vector<IpfixCollector>> collectors_in(const json::object& object) {
  std::vector<IpfixCollector> collectors;
  FABRIX_TRY(const auto text, text_in(object, "ipfixCollectors"));
  for (const std::string& one : telemetry::split_list(text.value_or(""), ',')) {
    const auto server = exchange::parse_server(one, IpfixCollector::kDefaultPort);
    if (!server) return fail(Error{"'ipfixCollectors' are IP addresses, each perhaps with a port"});
    collectors.push_back({.address = server->address, .port = server->port});
  }
  if (collectors.size() > kMostCollectors) {
    return fail(Error{fmt::format("'ipfixCollectors' are {} at most", kMostCollectors)});
  }
  return collectors;
}

json::array to_json(const std::vector<IpfixCollector>& collectors) {
  json::array array;
  for (const IpfixCollector& one : collectors) {
    array.push_back(json::value(to_string(io::Endpoint(io::IpEndpoint{one.address, one.port}))));
  }
  return array;
}

}  // namespace

Result<FlowSpec> flow_spec_of(const json::object& object) {
  FlowSpec spec;
  if (auto done = read_texts(object, spec); !done) return fail(done.error());
  if (spec.value.empty()) return fail(Error{"'value' is missing: what is measured, such as bytes"});
  if (auto done = read_numbers(object, spec); !done) return fail(done.error());
  FABRIX_TRY(const bool log, flag(object, "log"));
  FABRIX_TRY(const bool at_start, flag(object, "flowStart"));
  FABRIX_TRY(const bool dropped, flag(object, "dropped"));
  FABRIX_TRY(const auto mode, text_in(object, "aggMode"));
  if (log) spec.log = at_start ? FlowSpec::Log::kAtStart : FlowSpec::Log::kAtEnd;
  if (dropped) spec.of = FlowDefinition::Of::kDrops;
  if (mode && *mode != "AGENT") return fail(Error{"'aggMode' is AGENT, or left out"});
  if (mode) spec.sources = FlowDefinition::Sources::kAgents;
  FABRIX_TRY(spec.ipfix_collectors, collectors_in(object));
  return spec;
}

json::object to_json(const FlowSpec& spec) {
  json::object object{{"value", spec.value},
                      {"n", number_json(spec.n)},
                      {"t", number_json(spec.t)},
                      {"fs", spec.separator},
                      {"log", spec.log != FlowSpec::Log::kNone},
                      {"flowStart", spec.log == FlowSpec::Log::kAtStart},
                      {"activeTimeout", number_json(spec.active_timeout)},
                      {"dropped", spec.of == FlowDefinition::Of::kDrops}};
  if (!spec.keys.empty()) object["keys"] = spec.keys;
  if (!spec.values.empty()) object["values"] = spec.values;
  if (!spec.filter.empty()) object["filter"] = spec.filter;
  if (spec.sources == FlowDefinition::Sources::kAgents) object["aggMode"] = "AGENT";
  if (!spec.ipfix_collectors.empty()) object["ipfixCollectors"] = to_json(spec.ipfix_collectors);
  return object;
}

Result<ThresholdSpec> threshold_spec_of(const json::object& object) {
  ThresholdSpec spec;
  if (auto done = read(object, "metric", spec.metric); !done) return fail(done.error());
  if (spec.metric.empty()) return fail(Error{"'metric' is missing: of a flow its name"});
  FABRIX_TRY(const auto value, number_in(object, "value"));
  if (!value) return fail(Error{"'value' is missing: what is exceeded"});
  spec.value = *value;
  if (auto done = read(object, "timeout", spec.timeout); !done) return fail(done.error());
  FABRIX_TRY(const bool by_flow, flag(object, "byFlow"));
  if (by_flow) spec.by = ThresholdSpec::By::kFlow;
  const json::value* const filter = object.if_contains("filter");
  if (filter == nullptr || filter->is_null()) return spec;
  if (!filter->is_object()) {
    return fail(Error{R"('filter' is an object: {"ifspeed": ["1000000000"]})"});
  }
  FABRIX_TRY(spec.filter, lists_of(filter->get_object()));
  return spec;
}

json::object to_json(const ThresholdSpec& spec) {
  json::object object{{"metric", spec.metric},
                      {"value", number_json(spec.value)},
                      {"byFlow", spec.by == ThresholdSpec::By::kFlow},
                      {"timeout", number_json(spec.timeout)}};
  if (!spec.filter.empty()) object["filter"] = to_json(spec.filter);
  return object;
}

}  // namespace fabrix::analyzer
