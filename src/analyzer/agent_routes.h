// Of agents: how well what they send arrives.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> agent_routes();

}  // namespace fabrix::analyzer
