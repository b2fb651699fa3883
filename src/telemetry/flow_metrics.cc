#include "telemetry/flow_metrics.h"

#include <string>
#include <utility>

namespace fabrix::telemetry {
namespace {

using Add = std::function<void(MetricRow)>;

void add_rows(std::string_view name, const Flow& flow, Time now, const Add& add) {
  const auto count = static_cast<std::size_t>(flow.spec.n);
  flow.meter.for_each_source(
      count, now, [&](const DataSource& source, const std::vector<ActiveFlow>& flows, Time last) {
        if (flows.empty() || now - last >= MetricStore::kLifetime) return;
        MetricRow row{.source = source,
                      .name = std::string(name),
                      .value = flows[0].value - flows[0].error,
                      .updated = last,
                      .top_keys = {}};
        for (const ActiveFlow& one : flows) {
          row.top_keys.push_back({flow.meter.text_of(one.key), one.value - one.error, one.updated});
        }
        add(std::move(row));
      });
}

}  // namespace

MoreMetrics flow_metrics(const FlowTable& flows, Time now) {
  return [&flows, now](std::string_view name, const Add& add) {
    if (name == kAll) {
      for (const auto& [each, flow] : flows.all()) add_rows(each, *flow, now, add);
    } else if (const Flow* const flow = flows.find(std::string(name))) {
      add_rows(name, *flow, now, add);
    }
  };
}

}  // namespace fabrix::telemetry
