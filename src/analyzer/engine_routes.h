// Of the engine itself: its version, and how its ingest does.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> engine_routes();

}  // namespace fabrix::analyzer
