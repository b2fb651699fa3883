// Whatever a NATS server says, and however it is cut: the reader ends, keeps its bounds, and reads
// the same messages from the octets one by one as from all at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "exports/nats_codec.h"

namespace {

using fabrix::exports::NatsMessage;
using fabrix::exports::NatsReader;

std::vector<NatsMessage> read(std::span<const std::byte> input, std::size_t cut) {
  NatsReader reader;
  std::vector<NatsMessage> messages;
  for (std::size_t at = 0; at < input.size(); at += cut) {
    reader.append(input.subspan(at, std::min(cut, input.size() - at)));
    for (;;) {
      const auto message = reader.next();
      if (!message) return messages;
      if (!*message) break;
      if ((*message)->text.size() > NatsReader::kLongestPayload) std::abort();
      messages.push_back(**message);
    }
  }
  return messages;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  if (size == 0 || size > NatsReader::kLongestLine) return 0;
  if (read(input, size) != read(input, 1)) std::abort();
  return 0;
}
