// warnings(): what a configuration that is right leads to and its author may not want. For the log,
// and for who checks a configuration.
//
//   RFC 8212   without a policy there are no routes
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "exchange/exchange.h"

namespace fabrix::exchange {

// One line each, in words.
std::vector<std::string> warnings(const Exchange& exchange);

}  // namespace fabrix::exchange
