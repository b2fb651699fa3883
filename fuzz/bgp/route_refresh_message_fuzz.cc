// Whatever the bytes, only those of the right number are a ROUTE-REFRESH, and it says them again.
#include <algorithm>
#include <cstdlib>

#include "bgp/route_refresh_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = std::as_bytes(std::span(data, size));
  const auto refresh = fabrix::bgp::decode_route_refresh(body);
  if (refresh.has_value() != (size == 4)) std::abort();
  if (!refresh) return 0;
  fabrix::ByteWriter out;
  fabrix::bgp::encode_route_refresh(*refresh, out);
  if (!std::ranges::equal(out.view(), body)) std::abort();
  return 0;
}
