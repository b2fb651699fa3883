// Numbers as Prometheus reads them (its text format 0.0.4), with the names that sFlow-RT gives
// them. Octets that Prometheus does not take in a name are '_'. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/metric_query.h"
#include "telemetry/metric_store.h"

namespace fabrix::analyzer {

class PrometheusText {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;
  enum class Type : std::uint8_t { kGauge, kCounter };

  // The lines that follow are of this metric.
  void open(std::string_view name, std::string_view help, Type type = Type::kGauge);
  // No two lines of a metric have the same labels.
  void add(const Labels& labels, double value);
  void add(double value) { add({}, value); }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string name_;
};

// "if-in" as "if_in".
std::string prometheus_name(std::string_view name);

// Every number of the rows, as sflow_NAME, with its agent and data source, and as the store knows
// them the host's and the interface's names.
std::string prometheus_metrics(std::vector<telemetry::MetricRow> rows,
                               const telemetry::MetricStore& store);

}  // namespace fabrix::analyzer
