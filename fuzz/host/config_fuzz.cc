// The host agent's configuration: any text is read to its end, and what is complained of is told of
// a place in the text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "host/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto reading = fabrix::host::read_config(text, "fuzz.conf");
  for (const auto& diagnostic : reading.diagnostics) {
    if (diagnostic.code.empty() || diagnostic.at.line == 0 || diagnostic.at.column == 0)
      std::abort();
  }
  (void)fabrix::render(reading.diagnostics, text);
  if (reading.config.header_bytes < 14 || reading.config.header_bytes > 256) std::abort();
  for (const auto& sampled : reading.config.sampled) {
    const auto rate = fabrix::host::sampling_rate(reading.config, sampled, 10'000'000'000);
    if (rate == 0 || rate > fabrix::host::Config::kMaxRate) std::abort();
  }
  return 0;
}
