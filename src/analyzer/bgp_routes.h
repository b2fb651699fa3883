// Of routers whose routes are known: the prefixes that most traffic goes to or comes from.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> bgp_routes();

}  // namespace fabrix::analyzer
