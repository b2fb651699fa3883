#include "app/exchange_file.h"

#include <utility>

#include "app/commands.h"
#include "exchange/load.h"
#include "io/file.h"

namespace fabrix::app {

Result<exchange::Exchange, ExitCode> read_exchange(const std::string& file) {
  const auto text = io::read_file(file, exchange::kMaxConfigSize);
  if (!text) return fail(complain(ExitCode::kNotFound, text.error().message));
  auto exchange = exchange::load(*text, file);
  if (exchange) return *std::move(exchange);
  return fail(complain(ExitCode::kBadConfig, exchange.error(), *text));
}

}  // namespace fabrix::app
