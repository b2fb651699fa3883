// The resources under /ixp: an exchange's traffic with its members' names, as JSON and for
// Prometheus.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> ixp_routes();

}  // namespace fabrix::analyzer
