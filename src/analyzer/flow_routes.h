// Definitions of flows, and the keys that samples have.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> flow_routes();

}  // namespace fabrix::analyzer
