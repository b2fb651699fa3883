// Thresholds, and the events that they make.
#pragma once

#include <span>

#include "analyzer/route.h"

namespace fabrix::analyzer {

std::span<const Route> threshold_routes();

}  // namespace fabrix::analyzer
