// Thresholds, and the events that they make.
#pragma once

#include <span>

#include <boost/json/object.hpp>

#include "analyzer/route.h"
#include "telemetry/threshold_table.h"

namespace fabrix::analyzer {

std::span<const Route> threshold_routes();

// As /events/json has it.
boost::json::object event_json(const telemetry::Event& event);

}  // namespace fabrix::analyzer
