// Entry: one thing that is exported, as every format tells it: a record of a flow, a flow that is
// among the largest, a value of a metric, an event. A value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/export_site.h"
#include "telemetry/flow_table.h"
#include "telemetry/metric_store.h"
#include "telemetry/threshold_table.h"

namespace fabrix::exports {

struct Entry {
  exchange::Exported kind = exchange::Exported::kFlows;
  telemetry::Time time{};
  std::string name;  // of the definition, the metric, the threshold
  telemetry::DataSource source;
  std::vector<std::pair<std::string, std::string>> keys{};  // by name; of flows and their events
  std::optional<double> value{};
  std::string text{};                                    // of a metric that is one
  std::vector<std::pair<std::string, double>> values{};  // further ones, by what they are
  std::optional<telemetry::Time> start{};                // of a record; its end is `time`
  std::string metric{};                                  // of an event
  std::optional<double> threshold{};                     // of an event
};

// "fabrix_flows": measurements and tables.
std::string table_of(exchange::Exported kind);

Entry entry_of(const telemetry::FlowSpec& spec, const telemetry::FlowRecord& record);

// `flow` has a source.
Entry entry_of(const telemetry::FlowSpec& spec, const std::string& name,
               const telemetry::ReportedFlow& flow, telemetry::Time now);

Entry entry_of(const telemetry::DataSource& source, const std::string& name,
               const telemetry::Metric& metric);

// `spec` is that of the event's flow; null: it is of a metric, or of a flow that is no more.
Entry entry_of(const telemetry::FlowSpec* spec, const telemetry::Event& event);

}  // namespace fabrix::exports
