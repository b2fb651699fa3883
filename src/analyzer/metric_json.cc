#include "analyzer/metric_json.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::MetricRow;

std::int64_t age(telemetry::Time then, telemetry::Time now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - then).count();
}

// All at once, as sFlow-RT tells them with a median.
json::object quartiles_json(const std::vector<MetricRow>& rows) {
  using enum telemetry::Summary;
  json::object out;
  for (const auto& [name, summary] :
       {std::pair{"min", kMin}, {"q1", kQ1}, {"med", kMedian}, {"q3", kQ3}, {"max", kMax}}) {
    out[name] = value_json(telemetry::summarize(summary, rows).value.value_or(0.0));
  }
  return out;
}

}  // namespace

json::value value_json(const telemetry::MetricValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return number_json(*number);
  return json::string(std::get<std::string>(value));
}

json::object row_json(const MetricRow& row, telemetry::Time now) {
  json::object out{{"agent", row.source.agent.to_string()},
                   {"dataSource", telemetry::data_source_name(row.source.id)},
                   {"lastUpdate", age(row.updated, now)},
                   {"metricName", row.name},
                   {"metricValue", value_json(row.value)}};
  if (row.top_keys.empty()) return out;
  json::array keys;
  for (const telemetry::TopKey& top : row.top_keys) {
    keys.push_back(json::object{{"key", top.key},
                                {"value", number_json(top.value)},
                                {"lastUpdate", age(top.updated, now)}});
  }
  out["topKeys"] = std::move(keys);
  return out;
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
  const bool is_median = term.summary == telemetry::Summary::kMedian && summary.value;
  if (is_median) out["quartiles"] = quartiles_json(rows);
  if (summary.row == nullptr) out["lastUpdate"] = age(summary.oldest, now);
  out["lastUpdateMin"] = age(summary.latest, now);
  out["lastUpdateMax"] = age(summary.oldest, now);
  return out;
}

}  // namespace fabrix::analyzer
