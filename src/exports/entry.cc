#include "exports/entry.h"

#include <algorithm>

#include <fmt/format.h>

#include "telemetry/key_expression.h"

namespace fabrix::exports {
namespace {

using telemetry::FlowSpec;

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  while (!separator.empty()) {
    const std::size_t end = text.find(separator);
    if (end == std::string_view::npos) break;
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

// Of a flow whose values have the separator in them, the key as a whole.
std::vector<std::pair<std::string, std::string>> keys_of(const FlowSpec& spec,
                                                         const std::string& key) {
  std::vector<std::pair<std::string, std::string>> keys;
  if (spec.keys.empty()) return keys;
  const auto names = telemetry::split_outside_brackets(spec.keys, ',');
  const auto values = split(key, spec.separator);
  if (names.size() != values.size()) return {{"key", key}};
  for (std::size_t i = 0; i < names.size(); ++i) keys.emplace_back(names[i], values[i]);
  return keys;
}

std::vector<std::pair<std::string, double>> values_of(const FlowSpec& spec,
                                                      const std::vector<double>& values) {
  std::vector<std::pair<std::string, double>> named;
  const auto names = telemetry::split_outside_brackets(spec.values, ',');
  for (std::size_t i = 0; i < std::min(names.size(), values.size()); ++i) {
    named.emplace_back(names[i], values[i]);
  }
  return named;
}

}  // namespace

std::string table_of(exchange::Exported kind) {
  return fmt::format("fabrix_{}", name_of(kind));
}

Entry entry_of(const FlowSpec& spec, const telemetry::FlowRecord& record) {
  return {.kind = exchange::Exported::kFlows,
          .time = record.end,
          .name = record.name,
          .source = record.source,
          .keys = keys_of(spec, record.key),
          .value = record.value,
          .values = values_of(spec, record.values),
          .start = record.start};
}

Entry entry_of(const FlowSpec& spec, const std::string& name, const telemetry::ReportedFlow& flow,
               telemetry::Time now) {
  return {.kind = exchange::Exported::kTop,
          .time = now,
          .name = name,
          .source = *flow.source,
          .keys = keys_of(spec, flow.key),
          .value = flow.value - flow.error};
}

Entry entry_of(const telemetry::DataSource& source, const std::string& name,
               const telemetry::Metric& metric) {
  Entry entry{
      .kind = exchange::Exported::kMetrics, .time = metric.updated, .name = name, .source = source};
  if (const auto* const number = std::get_if<double>(&metric.value)) {
    entry.value = *number;
  } else {
    entry.text = std::get<std::string>(metric.value);
  }
  return entry;
}

Entry entry_of(const FlowSpec* spec, const telemetry::Event& event) {
  Entry entry{.kind = exchange::Exported::kEvents,
              .time = event.time,
              .name = event.threshold_name,
              .source = event.source,
              .value = event.value,
              .metric = event.metric,
              .threshold = event.threshold};
  if (spec != nullptr && event.is_of_flow) {
    entry.keys = keys_of(*spec, event.flow_key);
    entry.values = values_of(*spec, event.values);
  }
  return entry;
}

}  // namespace fabrix::exports
