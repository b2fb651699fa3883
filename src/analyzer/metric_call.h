// What calls about metrics ask: the agents and metrics of the path, and the parameters, all of
// which are conditions. Flows are metrics too (telemetry/flow_metrics.h).
#pragma once

#include <string_view>
#include <vector>

#include "analyzer/route.h"
#include "telemetry/metric_query.h"

namespace fabrix::analyzer {

// The engine outlives the query.
telemetry::MetricQuery metric_query(const Call& call, std::string_view agents);

// Of all terms, one after the other.
std::vector<telemetry::MetricRow> metric_rows(const Call& call, std::string_view agents,
                                              std::string_view metrics);

}  // namespace fabrix::analyzer
