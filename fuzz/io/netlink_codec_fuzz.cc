// Whatever the bytes, reading messages and attributes stays within them.
#include <cstdlib>

#include "io/netlink_codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const fabrix::io::NetlinkMessage& message : fabrix::io::read_messages(bytes)) {
    for (const auto& attribute : message.attributes(message.type % 32)) {
      if (attribute.text().size() > size) std::abort();
      if (fabrix::io::read_attributes(attribute.value).size() > size / 4) std::abort();
    }
  }
  return 0;
}
