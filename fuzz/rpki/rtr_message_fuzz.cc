// Whatever the bytes, decode_pdu() stays within them; and what it accepts, it can write and read
// again unchanged.
#include <cstdlib>

#include "rpki/rtr_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto pdu = fabrix::rpki::decode_pdu(std::as_bytes(std::span(data, size)));
  if (!pdu) return 0;
  fabrix::ByteWriter out;
  fabrix::rpki::encode_pdu(*pdu, out);
  const auto again = fabrix::rpki::decode_pdu(out.view());
  if (!again || *again != *pdu) std::abort();
  return 0;
}
