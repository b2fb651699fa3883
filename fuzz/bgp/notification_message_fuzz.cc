// Whatever the bytes: what decode_notification() accepts it can write again, what it says to people
// is printable UTF-8, and a hard reset of it holds it.
#include <cstdlib>
#include <string_view>

#include "bgp/message_header.h"
#include "bgp/notification_message.h"

namespace fabrix::bgp {
namespace {

constexpr std::size_t kMaxBodySize = kMaxMessageSize - kHeaderSize;

void run(std::span<const std::byte> body) {
  const auto notification = decode_notification(body);
  if (!notification) return;
  ByteWriter out;
  encode_notification(*notification, out);
  if (out.size() > kMaxBodySize) std::abort();
  const auto again = decode_notification(out.view());
  if (!again || again->code != notification->code) std::abort();
  if (body.size() <= kMaxBodySize && *again != *notification) std::abort();

  for (const std::string& text :
       {describe(*notification), shutdown_text(*notification).value_or("")}) {
    if (clean_utf8(text) != text) std::abort();
  }
  const auto inner = hard_reset_reason(hard_reset(*notification));
  if (!inner || inner->code != notification->code) std::abort();
}

}  // namespace
}  // namespace fabrix::bgp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::bgp::run(std::as_bytes(std::span(data, size)));
  return 0;
}
