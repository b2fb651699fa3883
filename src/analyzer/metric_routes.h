// Of agents and their metrics.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> metric_routes();

}  // namespace fabrix::analyzer
