#include "analyzer/metric_json.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::DataSource;
using telemetry::MetricRow;
using telemetry::MetricStore;

std::int64_t age(telemetry::Time then, telemetry::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
}

std::string prometheus_name(std::string_view name) {
  std::string out(name);
  std::ranges::replace_if(
      out,
      [](char c) {
        const bool taken =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return !taken && c != '_';
      },
      '_');
  if (!out.empty() && out[0] >= '0' && out[0] <= '9') out.insert(out.begin(), '_');
  return out;
}

// A label's value: a backslash, a quotation mark and a line's end are escaped.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

std::optional<std::string> value_at(const telemetry::MetricMap& metrics, std::string_view name) {
  const auto found = metrics.find(name);
  if (found == metrics.end()) return std::nullopt;
  return telemetry::text_of(found->second.value);
}

// ',host="leaf1",ifname="swp1"', as far as they are known.
std::string names_of(const MetricStore& store, const DataSource& source) {
  std::string out;
  std::optional<std::string> host;
  store.for_each_of(source.agent, [&](const DataSource&, const telemetry::MetricMap& metrics) {
    if (!host) host = value_at(metrics, "host_name");
  });
  if (host) out += fmt::format(",host=\"{}\"", quoted(*host));
  const telemetry::MetricMap* const metrics = store.find(source);
  const auto port = metrics != nullptr ? value_at(*metrics, "ifname") : std::nullopt;
  if (port) out += fmt::format(",ifname=\"{}\"", quoted(*port));
  return out;
}

}  // namespace

json::value value_json(const telemetry::MetricValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return number_json(*number);
  return json::value(std::get<std::string>(value));
}

json::object row_json(const MetricRow& row, telemetry::Time now) {
  return {{"agent", row.source.agent.to_string()},
          {"dataSource", telemetry::data_source_name(row.source.id)},
          {"lastUpdate", age(row.updated, now)},
          {"metricName", row.name},
          {"metricValue", value_json(row.value)}};
}

json::object summary_json(const telemetry::MetricTerm& term, const std::vector<MetricRow>& rows,
                          telemetry::Time now) {
  const telemetry::MetricSummary summary = telemetry::summarize(term.summary, rows);
  json::object out;
  if (summary.row != nullptr) out = row_json(*summary.row, now);
  out["metricName"] = term.text;
  if (summary.count == 0) return out;
  out["metricN"] = summary.count;
  if (summary.value) out["metricValue"] = value_json(*summary.value);
  if (summary.row == nullptr) out["lastUpdate"] = age(summary.oldest, now);
  out["lastUpdateMin"] = age(summary.latest, now);
  out["lastUpdateMax"] = age(summary.oldest, now);
  if (summary.row == nullptr || summary.row->top_keys.empty()) return out;
  json::array keys;
  for (const telemetry::TopKey& top : summary.row->top_keys) {
    keys.push_back(json::object{{"key", top.key},
                                {"value", number_json(top.value)},
                                {"lastUpdate", age(top.updated, now)}});
  }
  out["topKeys"] = std::move(keys);
  return out;
}

std::string prometheus_text(std::vector<MetricRow> rows, const MetricStore& store) {
  std::ranges::stable_sort(rows, {}, &MetricRow::name);
  std::string out;
  std::string_view of;  // the name whose lines these are
  for (const MetricRow& row : rows) {
    const auto* const number = std::get_if<double>(&row.value);
    if (number == nullptr) continue;
    const std::string name = prometheus_name(row.name);
    if (row.name != of) fmt::format_to(std::back_inserter(out), "# TYPE {} gauge\n", name);
    of = row.name;
    fmt::format_to(std::back_inserter(out), "{}{{agent=\"{}\",datasource=\"{}\"{}}} {}\n", name,
                   row.source.agent.to_string(), telemetry::data_source_name(row.source.id),
                   names_of(store, row.source), *number);
  }
  return out;
}

}  // namespace fabrix::analyzer
