#include "analyzer/metric_call.h"

#include <algorithm>
#include <utility>

#include "telemetry/flow_metrics.h"

namespace fabrix::analyzer {
namespace {

telemetry::MetricFilter filter_of(const Call& call) {
  telemetry::MetricFilter filter;
  for (const http::Parameter& parameter : call.request.target.parameters) {
    const auto found =
        std::ranges::find(filter, parameter.name, &telemetry::MetricFilter::value_type::first);
    if (found != filter.end()) {
      found->second.push_back(parameter.value);
    } else {
      filter.push_back({parameter.name, {parameter.value}});
    }
  }
  return filter;
}

}  // namespace

telemetry::MetricQuery metric_query(const Call& call, std::string_view agents) {
  return {call.engine.metrics(), agents, filter_of(call),
          telemetry::flow_metrics(call.engine.flows(), call.engine.now()), &call.engine.topology()};
}

std::vector<telemetry::MetricRow> metric_rows(const Call& call, std::string_view agents,
                                              std::string_view metrics) {
  const telemetry::MetricQuery query = metric_query(call, agents);
  std::vector<telemetry::MetricRow> rows;
  for (const telemetry::MetricTerm& term : telemetry::parse_terms(metrics)) {
    for (telemetry::MetricRow& row : query.rows(term)) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace fabrix::analyzer
