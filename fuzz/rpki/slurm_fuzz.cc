// Whatever the text, parse_slurm() returns; and what it accepts can be applied.
#include <cstdlib>

#include "rpki/slurm.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  std::string text;
  for (const std::byte octet : bytes) text.push_back(static_cast<char>(octet));
  const auto slurm = fabrix::rpki::parse_slurm(text);
  if (!slurm) return 0;
  auto vrps = slurm->assertions;
  fabrix::rpki::apply_slurm(*slurm, vrps);
  if (vrps.size() < slurm->assertions.size()) std::abort();
  return 0;
}
