// MessageSplitter: a byte stream in any portions to whole BGP messages (RFC 4271 §4.1, §6.1).
//
// At most one incomplete message is buffered; a message that arrives in one piece is not copied. A
// header is judged as soon as its 19 octets are there. After a fault the stream has no meaning any
// more: do not ask again.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "bgp/message_header.h"
#include "bgp/notification_message.h"

namespace fabrix::bgp {

// `body` is good until the next call of next(), and as long as the bytes given to it.
struct Message {
  MessageType type = MessageType::kKeepalive;
  std::span<const std::byte> body;
};

class MessageSplitter {
 public:
  // The next whole message; none if more octets are needed, and then `bytes` is empty. Takes what
  // it consumes off the front of `bytes`. Fails with the NOTIFICATION to send.
  Result<std::optional<Message>, NotificationMessage> next(std::span<const std::byte>& bytes);

  // The largest message from here on; 4096 at first (RFC 8654 §4).
  void set_max_size(std::size_t size) { max_size_ = size; }

  // Forgets what it has buffered, and set_max_size().
  void reset();

 private:
  bool fill(std::span<const std::byte>& bytes, std::size_t size);

  std::vector<std::byte> buffer_;
  std::size_t max_size_ = kMaxMessageSize;
  bool delivered_ = false;  // buffer_ is a message that the caller has seen
};

}  // namespace fabrix::bgp
