#include "analyzer/prometheus_routes.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "analyzer/active_flow_routes.h"
#include "analyzer/active_routing.h"
#include "analyzer/json_fields.h"
#include "analyzer/metric_call.h"
#include "analyzer/prometheus_text.h"
#include "analyzer/spec_json.h"
#include "exports/exports.h"
#include "telemetry/key_expression.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using Type = PrometheusText::Type;

// As the application's.
constexpr std::string_view kSeparator = "_SEP_";
constexpr std::string_view kNamePrefix = "prometheus_";
constexpr double kDefaultFlows = 10;      // n
constexpr double kDefaultSmoothing = 15;  // t
constexpr ActiveFlowDefaults kDefaults{.count = 20, .minimum = 0.1, .mode = "max"};

http::Response exposition(std::string text) {
  return {.status = 200,
          .headers = {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
          .body = std::move(text)};
}

http::Response metrics(const Call& call) {
  return exposition(
      prometheus_metrics(metric_rows(call, call.names[0], call.names[1]), call.engine.metrics()));
}

// sflow_max_load_one{group="web"} 1.5
http::Response statistics(const Call& call) {
  const telemetry::MetricQuery query = metric_query(call, call.names[1]);
  PrometheusText out;
  for (const telemetry::MetricTerm& term : telemetry::parse_terms(call.names[2])) {
    const auto rows = query.rows(term);
    const auto summary = telemetry::summarize(term.summary, rows);
    if (!summary.value || !std::holds_alternative<double>(*summary.value)) continue;
    out.open("sflow_" + prometheus_name(term.text), "Of sFlow agents.");
    out.add({{"group", call.names[0]}}, std::get<double>(*summary.value));
  }
  return exposition(out.text());
}

// All values of a parameter, which may be given as one list or several times.
std::string joined(const Call& call, std::string_view name) {
  std::string all;
  for (const http::Parameter& parameter : call.request.target.parameters) {
    if (parameter.name != name) continue;
    if (!all.empty()) all += ',';
    all += parameter.value;
  }
  return all;
}

Result<telemetry::FlowSpec> spec_of(const Call& call, const std::string& keys) {
  json::object said{
      {"keys", keys}, {"fs", kSeparator}, {"n", kDefaultFlows}, {"t", kDefaultSmoothing}};
  for (const std::string_view name : {"value", "filter", "n", "t", "dropped"}) {
    if (const auto text = call.parameter(name)) said[name] = *text;
  }
  if (!call.parameter("value")) return fail(Error{"'value' is missing: what is measured"});
  FABRIX_TRY(const auto spec, flow_spec_of(said));
  return telemetry::clamped(spec);
}

// The definition that is like this; a new one if there is none yet.
Result<const telemetry::Flow*> lent_flow(const Call& call, const telemetry::FlowSpec& spec) {
  telemetry::FlowTable& flows = call.engine.flows();
  const auto until = call.engine.now() + kLent;
  for (const auto& [name, flow] : flows.all()) {
    if (!name.starts_with(kNamePrefix) || flow->spec != spec) continue;
    if (flow->until) flows.lend(name, until);
    return flow.get();
  }
  std::size_t number = 0;
  const auto name = [&] { return fmt::format("{}{}", kNamePrefix, number); };
  while (flows.find(name()) != nullptr) ++number;
  if (auto made = flows.set(name(), spec); !made) return fail(made.error());
  flows.lend(name(), until);
  return flows.find(name());
}

// The keys' names, in place of which labels may be given.
Result<std::vector<std::string>> label_names(std::string_view keys, std::string_view labels) {
  std::vector<std::string> names;
  for (const std::string_view key : telemetry::split_outside_brackets(keys, ',')) {
    names.push_back(prometheus_name(key));
  }
  const auto given = telemetry::split_outside_brackets(labels, ',');
  for (std::size_t i = 0; i < std::min(names.size(), given.size()); ++i) {
    if (!given[i].empty()) names[i] = prometheus_name(given[i]);
  }
  auto sorted = names;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return fail(Error{"two keys have one label: name them with 'label'"});
  }
  return names;
}

PrometheusText::Labels labels_of(std::string_view key, const std::vector<std::string>& names) {
  PrometheusText::Labels labels;
  for (const std::string& name : names) {
    const std::size_t end = std::min(key.find(kSeparator), key.size());
    labels.emplace_back(name, key.substr(0, end));
    key.remove_prefix(std::min(end + kSeparator.size(), key.size()));
  }
  return labels;
}

Result<double> scale_of(const Call& call) {
  const auto text = call.parameter("scale");
  if (!text) return 1;
  FABRIX_TRY(const auto number, number_in({{"scale", *text}}, "scale"));
  return *number;
}

Result<std::string> flows_text(const Call& call) {
  const auto metric = call.parameter("metric");
  const std::string keys = joined(call, "key");
  if (!metric || keys.empty()) return fail(Error{"'metric' and 'key' must be given"});
  FABRIX_TRY(const auto names, label_names(keys, joined(call, "label")));
  FABRIX_TRY(const auto spec, spec_of(call, keys));
  FABRIX_TRY(const double scale, scale_of(call));
  ActiveFlowDefaults defaults = kDefaults;
  if (spec.of == telemetry::FlowDefinition::Of::kDrops) defaults.mode = "sum";
  FABRIX_TRY(const auto* const flow, lent_flow(call, spec));
  FABRIX_TRY(const auto found, active_flows(call, call.names[0], *flow, defaults));
  PrometheusText out;
  if (found.empty()) return out.text();
  out.open(prometheus_name(*metric), fmt::format("The largest flows of {} a second.", spec.value));
  for (const telemetry::ReportedFlow& one : found) {
    out.add(labels_of(one.key, names), (one.value - one.error) * scale);
  }
  return out.text();
}

http::Response flows(const Call& call) {
  auto text = flows_text(call);
  return text ? exposition(*std::move(text)) : bad_request(text.error());
}

// Two may have one URL, and differ in its query only: so they are numbered.
void add_exports(const std::vector<exports::ExportStatus>& all, PrometheusText& out) {
  using Status = exports::ExportStatus;
  if (all.empty()) return;
  const auto add = [&](std::string_view name, std::string_view help, std::uint64_t Status::*count,
                       Type type = Type::kCounter) {
    out.open(fmt::format("sflow_export_{}", name), help, type);
    for (std::size_t i = 0; i < all.size(); ++i) {
      out.add({{"export", std::to_string(i)}, {"kind", all[i].kind}, {"url", all[i].url}},
              static_cast<double>(all[i].*count));
    }
  };
  add("sent_total", "Entries that were taken.", &Status::sent);
  add("dropped_total", "Entries for which there was no room.", &Status::dropped);
  add("failed_total", "Entries that were refused.", &Status::failed);
  add("retries_total", "Attempts that failed.", &Status::retries);
  add("waiting", "Entries that wait.", &Status::waiting, Type::kGauge);
  add("waiting_bytes", "Octets of entries that wait.", &Status::waiting_octets, Type::kGauge);
}

struct ActiveCounts {
  PrometheusText::Labels labels;
  telemetry::ActiveRouteCounts counts;
};

std::vector<ActiveCounts> counts_of(const ActiveRouting& active, telemetry::Time now) {
  std::vector<ActiveCounts> all;
  for (const auto& set : active.sets()) {
    const telemetry::ActiveRoutes& routes = set->routes();
    const std::string& name = set->site().name;
    all.push_back({{{"set", name}, {"family", "ipv4"}}, routes.counts(net::Family::kIpv4, now)});
    all.push_back({{{"set", name}, {"family", "ipv6"}}, routes.counts(net::Family::kIpv6, now)});
  }
  return all;
}

void add_active(const ActiveRouting& active, telemetry::Time now, PrometheusText& out) {
  using Counts = telemetry::ActiveRouteCounts;
  const std::vector<ActiveCounts> all = counts_of(active, now);
  if (all.empty()) return;
  const auto add = [&](std::string_view name, std::string_view help, auto value,
                       Type type = Type::kGauge) {
    out.open(fmt::format("sflow_active_routes_{}", name), help, type);
    for (const ActiveCounts& each : all) {
      out.add(each.labels, static_cast<double>(std::invoke(value, each.counts)));
    }
  };
  add("limit", "Routes that there is room for.", &Counts::limit);
  add("installed", "Routes that are installed.", &Counts::installed);
  add("waiting", "Routes with traffic that are not.", &Counts::waiting);
  add("coverage_ratio", "The part of the traffic that installed routes carry.", &Counts::coverage);
  add("hit_ratio", "The part of the samples that are of such traffic.", &Counts::hit_ratio);
  add("added_total", "Routes that were added.", &Counts::added, Type::kCounter);
  add("replaced_total", "Changes of next hops.", &Counts::replaced, Type::kCounter);
  add("removed_total", "Routes that were removed.", &Counts::removed, Type::kCounter);
  add("refused_total", "Routes that could not be had.", &Counts::refused, Type::kCounter);
}

http::Response analyzer(const Call& call) {
  const telemetry::IngestCounters& counters = call.engine.counters();
  PrometheusText out;
  const auto add = [&out](std::string_view name, std::string_view help, auto value,
                          Type type = Type::kCounter) {
    out.open(fmt::format("sflow_analyzer_{}", name), help, type);
    out.add(static_cast<double>(value));
  };
  add("agent_count", "Agents that have sent something within a day.",
      call.engine.metrics().agents(), Type::kGauge);
  add("flow_definitions", "Flow definitions.", call.engine.flows().all().size(), Type::kGauge);
  add("metrics", "Values of metrics.", call.engine.metrics().size(), Type::kGauge);
  add("uptime_seconds", "Since the engine began.",
      static_cast<double>(milliseconds(call.engine.now() - call.engine.since())) / 1000,
      Type::kGauge);
  add("datagrams_received_total", "Well-formed sFlow datagrams.", counters.datagrams);
  add("datagrams_discarded_total", "Dropped by the kernel: they came too fast.",
      counters.discarded);
  add("received_bytes_total", "Octets of all datagrams.", counters.octets);
  add("parse_errors_total", "Datagrams and samples that are malformed.", counters.parse_errors);
  add("unsupported_versions_total", "Datagrams of another version.", counters.unsupported_versions);
  out.open("sflow_analyzer_samples_total", "Of packets, counters and drops.", Type::kCounter);
  out.add({{"of", "packets"}}, static_cast<double>(counters.flow_samples));
  out.add({{"of", "counters"}}, static_cast<double>(counters.counter_samples));
  out.add({{"of", "drops"}}, static_cast<double>(counters.drop_samples));
  add("events_total", "Events of thresholds.", call.engine.thresholds().events().total());
  add("flow_records_total", "Records of flows that have ended.",
      call.engine.flows().records().total());
  if (call.exports != nullptr) add_exports(call.exports->status(), out);
  if (call.active != nullptr) add_active(*call.active, call.engine.now(), out);
  return exposition(out.text());
}

}  // namespace

std::span<const Route> prometheus_routes() {
  using http::Method;
  static constexpr std::array kRoutes{
      Route{Method::kGet, "/prometheus/metrics/{}/{}/txt", metrics},
      Route{Method::kGet, "/prometheus/analyzer/txt", analyzer},
      Route{Method::kGet, "/prometheus/flows/{}/txt", flows},
      Route{Method::kGet, "/prometheus/statistics/{}/{}/{}/txt", statistics},
      Route{Method::kGet, "/app/prometheus/scripts/export.js/flows/{}/txt", flows},
      Route{Method::kGet, "/app/prometheus/scripts/export.js/statistics/{}/{}/{}/txt", statistics},
  };
  return kRoutes;
}

}  // namespace fabrix::analyzer
