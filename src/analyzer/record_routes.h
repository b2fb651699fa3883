// Records of flows that have ended, for who polls and for who listens.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> record_routes();

}  // namespace fabrix::analyzer
