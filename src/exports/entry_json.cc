#include "exports/entry_json.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace fabrix::exports {
namespace {

namespace json = boost::json;
using exchange::Exported;

std::int64_t milliseconds(telemetry::Time time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).count();
}

// JSON has no NaN.
double finite(double value) {
  return std::isfinite(value) ? value : 0;
}

// Texts by name, or numbers.
template <typename T>
void put(std::string_view names, std::string_view values,
         const std::vector<std::pair<std::string, T>>& from, json::object& to) {
  json::array all_names;
  json::array all_values;
  for (const auto& [name, value] : from) {
    all_names.emplace_back(name);
    all_values.emplace_back(value);
  }
  to[names] = std::move(all_names);
  to[values] = std::move(all_values);
}

}  // namespace

std::string json_line(const Entry& entry) {
  json::object object{{"time", milliseconds(entry.time) / 1000},
                      {"time_ms", milliseconds(entry.time)},
                      {"name", entry.name},
                      {"agent", entry.source.agent.to_string()},
                      {"source", telemetry::data_source_name(entry.source.id)},
                      {"value", finite(entry.value.value_or(0))}};
  if (entry.kind == Exported::kMetrics) {
    object["text"] = entry.text;
  } else {
    put("key_names", "keys", entry.keys, object);
  }
  if (entry.kind == Exported::kFlows || entry.kind == Exported::kEvents) {
    put("value_names", "values", entry.values, object);
  }
  if (entry.start) object["start_ms"] = milliseconds(*entry.start);
  if (entry.kind == Exported::kEvents) {
    object["metric"] = entry.metric;
    object["threshold"] = finite(entry.threshold.value_or(0));
  }
  return json::serialize(object) + '\n';
}

std::int64_t time_of_line(std::string_view line) {
  std::int64_t time = 0;
  constexpr std::string_view kBefore = "{\"time\":";
  if (line.starts_with(kBefore)) {
    std::from_chars(line.data() + kBefore.size(), line.data() + line.size(), time);
  }
  return time;
}

std::string create_table(Exported kind) {
  static constexpr std::array<std::string_view, 4> kColumns{
      ", key_names Array(String), keys Array(String), value_names Array(String), "
      "values Array(Float64), start_ms UInt64",
      ", key_names Array(String), keys Array(String)", ", text String",
      ", key_names Array(String), keys Array(String), value_names Array(String), "
      "values Array(Float64), metric String, threshold Float64"};
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {} (row UInt64, time DateTime, time_ms UInt64, name String, "
      "agent String, "
      "source String, value Float64{}) "
      "ENGINE = MergeTree() PARTITION BY toYYYYMM(time) ORDER BY (name, time)",
      table_of(kind), kColumns[static_cast<std::size_t>(kind)]);
}

}  // namespace fabrix::exports
