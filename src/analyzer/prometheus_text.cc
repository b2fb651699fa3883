#include "analyzer/prometheus_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace fabrix::analyzer {
namespace {

using telemetry::MetricRow;
using telemetry::MetricStore;

// A label's value: a backslash, a quotation mark and a line's end are escaped.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

std::optional<std::string> value_at(const telemetry::MetricMap& metrics, std::string_view name) {
  const auto found = metrics.find(name);
  if (found == metrics.end()) return std::nullopt;
  return telemetry::text_of(found->second.value);
}

PrometheusText::Labels labels_of(const MetricStore& store, const telemetry::DataSource& source) {
  PrometheusText::Labels labels{{"agent", source.agent.to_string()},
                                {"datasource", telemetry::data_source_name(source.id)}};
  std::optional<std::string> host;
  store.for_each_of(source.agent,
                    [&](const telemetry::DataSource&, const telemetry::MetricMap& metrics) {
                      if (!host) host = value_at(metrics, "host_name");
                    });
  if (host) labels.emplace_back("host", *host);
  const telemetry::MetricMap* const metrics = store.find(source);
  const auto port = metrics != nullptr ? value_at(*metrics, "ifname") : std::nullopt;
  if (port) labels.emplace_back("ifname", *port);
  return labels;
}

}  // namespace

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
  if (out.empty() || (out[0] >= '0' && out[0] <= '9')) out.insert(out.begin(), '_');
  return out;
}

void PrometheusText::open(std::string_view name, std::string_view help, Type type) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                 type == Type::kGauge ? "gauge" : "counter");
}

void PrometheusText::add(const Labels& labels, double value) {
  text_ += name_;
  char before = '{';
  for (const auto& [name, label] : labels) {
    text_ += before;
    text_ += name;
    text_ += '=';
    text_ += quoted(label);
    before = ',';
  }
  if (!labels.empty()) text_ += '}';
  text_ += ' ' + number(value) + '\n';
}

std::string prometheus_metrics(std::vector<MetricRow> rows, const MetricStore& store) {
  std::ranges::stable_sort(rows, {}, &MetricRow::name);
  PrometheusText out;
  std::string_view of;  // the name whose lines these are
  for (const MetricRow& row : rows) {
    const auto* const number = std::get_if<double>(&row.value);
    if (number == nullptr) continue;
    if (row.name != of) out.open("sflow_" + prometheus_name(row.name), "Of sFlow agents.");
    of = row.name;
    out.add(labels_of(store, row.source), *number);
  }
  return out.text();
}

}  // namespace fabrix::analyzer
