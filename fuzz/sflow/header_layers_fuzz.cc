// Whatever a header holds, its layers lie within it, one behind the other, and are not too many.
//
// Input: one octet, what it begins with, then the header.
#include <cstdlib>

#include "sflow/header_layers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fabrix::sflow::HeaderLayers;
  if (size == 0) return 0;
  const auto header = std::as_bytes(std::span(data, size)).subspan(1);
  const HeaderLayers layers(data[0], header);
  if (layers.layers().size() > HeaderLayers::kMaxLayers) std::abort();
  std::size_t before = 0;
  for (const auto& layer : layers.layers()) {
    if (layer.offset < before || layer.offset >= header.size()) std::abort();
    before = layer.offset;
    if (layers.octets(layer).empty()) std::abort();
  }
  const auto stack = layers.stack();
  return stack.size() > HeaderLayers::kMaxLayers * 8 ? 1 : 0;
}
