// Whatever the bytes, decode_bmp() stays within them; and what it accepts, encode_bmp() says again,
// so that decoding that yields the same.
#include <cstdlib>

#include "monitoring/bmp_decoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto octets = std::as_bytes(std::span(data, size));
  const auto messages = fabrix::monitoring::decode_bmp_stream(octets);
  if (!messages) return 0;
  fabrix::ByteWriter out;
  for (const auto& message : *messages) fabrix::monitoring::encode_bmp(message, out);
  const auto again = fabrix::monitoring::decode_bmp_stream(out.view());
  if (!again || *again != *messages) std::abort();
  return 0;
}
