// Whatever the bytes: what decode_notification() accepts it can write again, what it says to people
// is printable UTF-8, and a hard reset of it holds it.
#include <cstdlib>
#include <string_view>

#include "bgp/message_header.h"
#include "bgp/notification_message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fabrix::bgp;
  const auto notification = decode_notification(std::as_bytes(std::span(data, size)));
  if (!notification) return 0;
  fabrix::ByteWriter out;
  encode_notification(*notification, out);
  if (out.size() > kMaxMessageSize - kHeaderSize) std::abort();
  const auto again = decode_notification(out.view());
  if (!again || again->code != notification->code) std::abort();
  if (size <= kMaxMessageSize - kHeaderSize && *again != *notification) std::abort();

  for (const std::string& text :
       {describe(*notification), shutdown_text(*notification).value_or("")}) {
    if (clean_utf8(text) != text) std::abort();
  }
  const auto inner = hard_reset_reason(hard_reset(*notification));
  if (!inner || inner->code != notification->code) std::abort();
  return 0;
}
