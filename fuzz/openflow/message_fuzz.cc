// Whatever the octets, decode_message() stays within them; and what it accepts, it can write, in no
// more octets, and read again unchanged.
#include <cstdlib>

#include "openflow/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace openflow = fabrix::openflow;
  const auto message = openflow::decode_message(std::as_bytes(std::span(data, size)));
  if (!message) return 0;
  fabrix::openflow::WireWriter out;
  openflow::encode_message(*message, out);
  if (out.size() > size) std::abort();
  const auto again = openflow::decode_message(out.view());
  if (!again || *again != *message) std::abort();
  return 0;
}
