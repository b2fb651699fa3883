// Active flows: the largest, where one of them is, what it is worth.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> active_flow_routes();

}  // namespace fabrix::analyzer
