#include "daemon/config_file.h"

#include <cstddef>
#include <string>
#include <utility>

#include "exchange/load.h"
#include "io/file.h"

namespace fabrix::daemon {
namespace {

constexpr std::size_t kMaxSecret = 4096;  // octets; a password has at most 80

}  // namespace

exchange::SecretReader secrets_in(const std::filesystem::path& directory) {
  return [directory](const std::string& file) {
    return io::read_file((directory / file).string(), kMaxSecret);
  };
}

Result<exchange::Exchange, std::vector<FileProblem>> read_config(
    const std::filesystem::path& file) {
  const auto text = io::read_file(file.string(), exchange::kMaxConfigSize);
  if (!text) return fail(std::vector{problem_with(file.string(), text.error().message)});
  auto exchange = exchange::load(*text, file.string(), secrets_in(file.parent_path()));
  if (exchange) return *std::move(exchange);
  std::vector<FileProblem> problems;
  for (Diagnostic& problem : exchange.error()) {
    problems.push_back(problem_in(std::move(problem), *text));
  }
  return fail(std::move(problems));
}

exchange::FabricTies read_fabric_ties(const std::filesystem::path& file) {
  const auto text = io::read_file(file.string(), exchange::kMaxConfigSize);
  return text ? exchange::fabric_ties_of(*text) : exchange::FabricTies{};
}

}  // namespace fabrix::daemon
