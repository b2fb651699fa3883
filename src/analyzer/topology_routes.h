// Resources of the topology: /topology/json.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> topology_routes();

}  // namespace fabrix::analyzer
