// Definitions of flows and thresholds as JSON, with sFlow-RT's names.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "telemetry/flow_spec.h"
#include "telemetry/threshold_table.h"

namespace fabrix::analyzer {

// {"keys": "ipsource", "value": "bytes", "filter": "ipprotocol=17", "n": 5, "t": 2, ...}. What has
// another name is left out.
Result<telemetry::FlowSpec> flow_spec_of(const boost::json::object& object);

// With its defaults filled in.
boost::json::object to_json(const telemetry::FlowSpec& spec);

// {"metric": "udp", "value": 1000, "byFlow": true, "timeout": 60, "filter": {"ifspeed": [1]}}
Result<telemetry::ThresholdSpec> threshold_spec_of(const boost::json::object& object);
boost::json::object to_json(const telemetry::ThresholdSpec& spec);

}  // namespace fabrix::analyzer
