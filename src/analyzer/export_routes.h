// What has become of exports.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> export_routes();

}  // namespace fabrix::analyzer
