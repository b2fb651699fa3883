// Groups of addresses, and maps of values, for keys.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> name_routes();

}  // namespace fabrix::analyzer
