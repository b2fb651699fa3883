// Reading exchange.yaml, with the passwords in files that it names.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "daemon/file_problem.h"
#include "exchange/exchange.h"
#include "exchange/fabric_ties.h"
#include "exchange/session_reader.h"

namespace fabrix::daemon {

// Reads secrets from files whose names are relative to `directory`.
exchange::SecretReader secrets_in(const std::filesystem::path& directory);

// The exchange, its secrets read; or everything that is wrong.
Result<exchange::Exchange, std::vector<FileProblem>> read_config(const std::filesystem::path& file);

// What a file that read_config() takes says of the fabric beside the exchange.
exchange::FabricTies read_fabric_ties(const std::filesystem::path& file);

}  // namespace fabrix::daemon
