// Where datagrams are copied on.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> forward_routes();

}  // namespace fabrix::analyzer
