// Whatever an OVSDB server sends, and however it is split, the answer is found in it, or not, and
// the same.
//
// Input: one octet that says where the rest, the server's octets, is split.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "openflow/ovsdb.h"

namespace {

using fabrix::openflow::BridgesAnswer;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto octets = std::as_bytes(std::span(data, size)).subspan(1);
  BridgesAnswer whole;
  const auto one = whole.take(octets);
  const std::size_t split = octets.empty() ? 0 : data[0] % octets.size();
  BridgesAnswer parts;
  auto other = parts.take(octets.first(split));
  if (!other) other = parts.take(octets.subspan(split));
  if (one.has_value() != other.has_value()) std::abort();
  if (!one) return 0;
  if (one->has_value() != other->has_value()) std::abort();
  if (*one && **one != **other) std::abort();
  return 0;
}
