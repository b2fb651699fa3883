// Reading exchange.yaml and the files with secrets that it names.
#pragma once

#include <filesystem>
#include <string>

#include "app/exit_code.h"
#include "base/result.h"
#include "exchange/exchange.h"
#include "exchange/session_reader.h"

namespace fabrix::app {

// Reads secrets from files whose names are relative to `directory`.
exchange::SecretReader secrets_in(const std::filesystem::path& directory);

// The exchange in a file, its secrets unread: to show it, not to run it. What is wrong is told on
// stderr.
Result<exchange::Exchange, ExitCode> read_exchange(const std::string& file);

}  // namespace fabrix::app
