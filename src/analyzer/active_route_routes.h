// The resources of active routes (docs/telemetry.md): /active/json, /active/{name}/json.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> active_route_routes();

}  // namespace fabrix::analyzer
