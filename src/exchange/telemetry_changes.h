// What is different in exchange.telemetry after a reload, for people: it is no part of the Exchange
// (telemetry_reader.h), so plan() does not see it. Pure.
#pragma once

#include <vector>

#include "exchange/reload.h"
#include "exchange/telemetry_reader.h"

namespace fabrix::exchange {

std::vector<Change> changes(const TelemetrySite& was, const TelemetrySite& is);

}  // namespace fabrix::exchange
