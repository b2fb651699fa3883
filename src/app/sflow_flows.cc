// `fabrix sflow flows`: the active flows of a capture, by a flow definition.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include "app/arguments.h"
#include "app/sflow_input.h"
#include "app/sflow_verbs.h"
#include "app/table.h"
#include "base/number.h"
#include "telemetry/flow_meter.h"
#include "telemetry/threshold.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;

constexpr std::string_view kUsage =
    "usage: fabrix sflow flows FILE [--keys KEYS] [--value VALUE] [--filter FILTER] [--top N]\n"
    "                          [--t SECONDS | --total] [--sum] [--exact LIMIT] [--drops]\n"
    "                          [--fs TEXT] [--port N|any] [--json]\n"
    "       fabrix sflow flows FILE --threshold VALUE [--timeout SECONDS] ...\n"
    "\n"
    "The active flows at the end of a capture (pcap or pcapng; - is stdin): what the samples of "
    "its\n"
    "sFlow datagrams have in common, by keys, functions and filters as sFlow-RT has them.\n"
    "\n"
    "  --keys KEYS      ipsource,mask:ipdestination:24,tcpdestinationport; none: everything\n"
    "  --value VALUE    bytes (default), frames, requests, or a key that is a number\n"
    "  --filter FILTER  ipprotocol=17&udpsourceport=53,123\n"
    "  --top N          so many (default 10, at most 1000)\n"
    "  --t SECONDS      smoothing of the rates, which are a second's (default 2; 0.2 .. 600)\n"
    "  --total          the sums over the whole capture instead\n"
    "  --sum            add up what data sources see; default: where a flow is largest\n"
    "  --exact LIMIT    keep all flows of a data source, up to so many; default: the largest,\n"
    "                   with what a flow may be too large (error) by others that made room for it\n"
    "  --drops          of notifications of dropped packets instead of samples\n"
    "  --fs TEXT        between the keys' values (default ,)\n"
    "\n"
    "With a threshold the flows are not shown, but when each of a data source first exceeded it; "
    "again\n"
    "only when it has been below for the timeout (default 60).\n"
    "\n"
    "The manual (docs/cli.md) lists the keys. Ends with 65 if the definition or the file is "
    "wrong.\n";

constexpr double kShortestSmoothing = 0.2;
constexpr double kLongestSmoothing = 600;
constexpr double kLeastThreshold = 1e-3;
constexpr double kMostThreshold = 1e18;
constexpr double kLongestTimeout = 86400;
constexpr std::uint64_t kMostFlows = 1000;
constexpr std::uint64_t kLargestLimit = 10'000'000;
// For so many flows there are four times as many candidates, and these at least.
constexpr std::size_t kFewestCandidates = 64;

template <typename Number>
Result<Number> number_option(const Arguments& arguments, const std::string& option,
                             Number otherwise, Number low, Number high) {
  const auto text = arguments.value(option);
  if (!text) return otherwise;
  const auto number = parse_number<Number>(*text);
  if (number && *number >= low && *number <= high) return *number;
  return fail(Error{fmt::format("sflow flows: {} is {} .. {}", option, low, high)});
}

enum class Form : std::uint8_t { kText, kJson };

struct Options {
  telemetry::FlowDefinition definition;
  std::size_t top = 0;
  telemetry::Aggregation aggregation = telemetry::Aggregation::kMaximum;
  std::optional<std::uint16_t> port;
  std::optional<telemetry::Threshold> threshold;
};

Result<std::optional<telemetry::Threshold>> threshold_of(
    const Arguments& arguments, std::optional<std::chrono::duration<double>> smoothing) {
  FABRIX_TRY(const auto value,
             number_option<double>(arguments, "--threshold", 0, kLeastThreshold, kMostThreshold));
  FABRIX_TRY(const auto timeout,
             number_option<double>(arguments, "--timeout", 60, 0, kLongestTimeout));
  if (!arguments.value("--threshold")) return std::optional<telemetry::Threshold>();
  return std::optional(telemetry::Threshold{.value = value,
                                            .timeout = std::chrono::duration_cast<telemetry::Time>(
                                                std::chrono::duration<double>(timeout)),
                                            .smoothing = smoothing});
}

Result<Options> options_of(const Arguments& arguments) {
  Options options;
  FABRIX_TRY(options.port, captured_port(arguments));
  FABRIX_TRY(const auto top, number_option<std::uint64_t>(arguments, "--top", 10, 1, kMostFlows));
  FABRIX_TRY(const auto limit,
             number_option<std::uint64_t>(arguments, "--exact", 0, 1, kLargestLimit));
  FABRIX_TRY(const auto smoothing,
             number_option<double>(arguments, "--t", 2, kShortestSmoothing, kLongestSmoothing));
  options.top = static_cast<std::size_t>(top);
  if (arguments.has("--sum")) options.aggregation = telemetry::Aggregation::kSum;
  telemetry::FlowDefinition& definition = options.definition;
  definition.keys = arguments.value("--keys").value_or("");
  definition.value = arguments.value("--value").value_or("bytes");
  definition.filter = arguments.value("--filter").value_or("");
  definition.separator = arguments.value("--fs").value_or(",");
  if (arguments.has("--drops")) definition.of = telemetry::FlowDefinition::Of::kDrops;
  if (!arguments.has("--total")) {
    definition.cache.smoothing = std::chrono::duration<double>(smoothing);
  }
  definition.cache.capacity = std::max(options.top * 4, kFewestCandidates);
  if (limit != 0) {
    definition.cache.capacity = static_cast<std::size_t>(limit);
    definition.cache.when_full = telemetry::WhenFull::kIgnoreNew;
  }
  FABRIX_TRY(options.threshold, threshold_of(arguments, definition.cache.smoothing));
  return options;
}

// "2026-11-21T21:30:00.123Z".
std::string time_text(telemetry::Time time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(milliseconds);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(static_cast<std::time_t>(seconds.count())),
                     (milliseconds - seconds).count());
}

// In JSON as GET /events/json of sFlow-RT.
void print(const telemetry::ThresholdEvent& event, double threshold, Form form) {
  const std::string key = printable(event.key);
  const std::string agent = event.source.agent.to_string();
  const std::string source = telemetry::data_source_name(event.source.id);
  if (form == Form::kText) {
    fmt::print("{}  {}  {:.0f}  agent {} data source {}\n", time_text(event.time), key, event.value,
               agent, source);
    return;
  }
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(event.time);
  const json::object object{{"eventID", event.id},    {"timestamp", milliseconds.count()},
                            {"flowKey", key},         {"value", event.value},
                            {"threshold", threshold}, {"agent", agent},
                            {"dataSource", source}};
  fmt::print("{}\n", json::serialize(object));
}

// As GET /activeflows/ALL/NAME/json of sFlow-RT, with the error beside.
json::array to_json(const std::vector<telemetry::ReportedFlow>& flows) {
  json::array array;
  for (const auto& flow : flows) {
    json::object object{{"key", printable(flow.key)},
                        {"value", std::round(flow.value * 1e3) / 1e3},
                        {"flowN", flow.sources}};
    if (flow.error > 0) object["error"] = std::round(flow.error * 1e3) / 1e3;
    if (flow.source) {
      object["agent"] = flow.source->agent.to_string();
      object["dataSource"] = telemetry::data_source_name(flow.source->id);
    }
    array.push_back(std::move(object));
  }
  return array;
}

// Numbers that people read: whole, as rates of a second are thousands.
json::array for_people(json::array array) {
  for (json::value& row : array) {
    for (const auto* name : {"value", "error"}) {
      json::value* const number = row.get_object().if_contains(name);
      if (number != nullptr) *number = std::llround(number->to_number<double>());
    }
  }
  return array;
}

// What the meter has found at the end.
void show(const telemetry::FlowMeter& meter, const Options& options, telemetry::Time now,
          Form form) {
  const auto flows = to_json(meter.active_flows(options.top, options.aggregation, now));
  if (form == Form::kJson) {
    fmt::print("{}\n", json::serialize(flows));
  } else {
    fmt::print("{}", render_table(for_people(flows)));
  }
}

ExitCode measure(const std::string& file, const Options& options, Form form) {
  auto meter = telemetry::FlowMeter::create(options.definition);
  if (!meter) return complain(ExitCode::kBadInput, meter.error().message);
  telemetry::ThresholdWatch watch(options.threshold.value_or(telemetry::Threshold{}));
  if (options.threshold) {
    meter->observe([&](const telemetry::FlowUpdate& update) {
      if (const auto event = watch.update(update)) print(*event, options.threshold->value, form);
    });
  }
  telemetry::Time now{};
  const auto read = read_capture(file, options.port, [&](const SflowDatagram& datagram) {
    now = std::max(now, datagram.time);
    meter->add(datagram.octets, now);
    return Reading::kContinue;
  });
  if (!read) return complain(read.error().code, read.error().message);
  if (!options.threshold) show(*meter, options, now, form);
  if (meter->left_out() + watch.ignored() != 0) {
    fmt::print(stderr, "{} samples were not counted: no room for their keys, or no sampling rate\n",
               meter->left_out() + watch.ignored());
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode sflow_flows(Words words) {
  const auto arguments =
      Arguments::parse(words, {.valued = {"--keys", "--value", "--filter", "--top", "--t",
                                          "--exact", "--fs", "--port", "--threshold", "--timeout"},
                               .switches = {"--total", "--sum", "--drops", "--json", "--help"}});
  if (!arguments) return complain(ExitCode::kUsage, arguments.error().message);
  if (arguments->has("--help")) return explain(kUsage);
  const bool both = arguments->has("--total") && arguments->value("--t").has_value();
  const bool timeout = arguments->value("--timeout") && !arguments->value("--threshold");
  if (arguments->words().size() != 1 || both || timeout) return misused(kUsage);
  const auto options = options_of(*arguments);
  if (!options) return complain(ExitCode::kUsage, options.error().message);
  return measure(arguments->words()[0], *options,
                 arguments->has("--json") ? Form::kJson : Form::kText);
}

}  // namespace fabrix::app
