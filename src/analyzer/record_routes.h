// Records of flows that have ended, for who polls and for who listens.
#pragma once

#include <span>

#include <boost/json/object.hpp>

#include "analyzer/route.h"
#include "telemetry/flow_log.h"

namespace fabrix::analyzer {

std::span<const Route> record_routes();

// As /flows/json has it.
boost::json::object record_json(const telemetry::FlowRecord& record);

}  // namespace fabrix::analyzer
