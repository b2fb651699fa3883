// Whatever the text, load() returns an exchange or says what is wrong; what it says, it says in
// order and the same each time, and every message renders.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include "exchange/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto exchange = fabrix::exchange::load(text, "exchange.yaml");
  if (exchange) return 0;
  const auto again = fabrix::exchange::load(text, "exchange.yaml");
  if (exchange.error().empty() || again || again.error() != exchange.error()) std::abort();
  if (fabrix::render(exchange.error(), text).empty()) std::abort();
  return 0;
}
