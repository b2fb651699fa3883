// Whatever the octets, parse_frame() stays within them; and what it sees of them, build_frame() can
// put into a frame that it sees again unchanged.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "net/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto packet = fabrix::net::parse_frame(std::as_bytes(std::span(data, size)));
  if (!packet) return 0;
  const auto again = fabrix::net::parse_frame(fabrix::net::build_frame(*packet));
  if (!again || *again != *packet) std::abort();
  return 0;
}
