// Reading exchange.yaml, to show it.
#pragma once

#include <string>

#include "app/exit_code.h"
#include "base/result.h"
#include "exchange/exchange.h"

namespace fabrix::app {

// The exchange in a file, its secrets unread: to show it, not to run it. What is wrong is told on
// stderr.
Result<exchange::Exchange, ExitCode> read_exchange(const std::string& file);

}  // namespace fabrix::app
