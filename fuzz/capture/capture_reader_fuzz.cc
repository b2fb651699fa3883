// Whatever the bytes, every packet lies within the file, and the file ends.
#include <cstdlib>

#include "capture/capture_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  auto reader = fabrix::capture::CaptureReader::open(file);
  if (!reader) return 0;
  std::size_t packets = 0;
  while (const auto packet = reader->next()) {
    // The smallest packet block has 16 octets.
    if (++packets > size / 16 + 1) std::abort();
    if (packet->octets.empty()) continue;
    if (packet->octets.data() < file.data()) std::abort();
    if (packet->octets.data() + packet->octets.size() > file.data() + size) std::abort();
  }
  if (reader->next()) std::abort();
  return 0;
}
