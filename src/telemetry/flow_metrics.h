// Flow definitions as metrics, as sFlow-RT has them: each data source of a definition has a metric
// of its name. The value is that of the largest flow there, and the largest ones are its top keys:
// n of them, with what they are worth at least. A data source that has been silent for as long as a
// metric is kept (metric_store.h) has it no more. Pure.
#pragma once

#include "telemetry/flow_table.h"
#include "telemetry/metric_query.h"

namespace fabrix::telemetry {

// For a MetricQuery. The table outlives it.
MoreMetrics flow_metrics(const FlowTable& flows, Time now);

}  // namespace fabrix::telemetry
