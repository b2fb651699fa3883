// Metrics as JSON, in the shapes of sFlow-RT's REST API.
//
// Ages are milliseconds before `now`. Numbers that are whole are written without a fraction. Pure.
#pragma once

#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "analyzer/json_fields.h"
#include "telemetry/metric_query.h"

namespace fabrix::analyzer {

boost::json::value value_json(const telemetry::MetricValue& value);

// {"metricName":"37.ifinoctets"...} of dump and table.
boost::json::object row_json(const telemetry::MetricRow& row, telemetry::Time now);

// One element of /metric/{agents}/{metrics}/json.
boost::json::object summary_json(const telemetry::MetricTerm& term,
                                 const std::vector<telemetry::MetricRow>& rows,
                                 telemetry::Time now);

}  // namespace fabrix::analyzer
