#include "bgp/message_splitter.h"

#include <algorithm>

namespace fabrix::bgp {
namespace {

constexpr std::uint8_t kHeaderErrorCode = 1;
constexpr std::size_t kLengthAt = 16;
constexpr std::size_t kTypeAt = 18;

// RFC 4271 §6.1: with the length or the type that is wrong.
NotificationMessage notification_for(HeaderError error,
                                     std::span<const std::byte, kHeaderSize> header) {
  NotificationMessage result{.code = {kHeaderErrorCode, static_cast<std::uint8_t>(error)},
                             .data = {}};
  if (error == HeaderError::kBadLength) {
    result.data.assign(header.begin() + kLengthAt, header.begin() + kTypeAt);
  } else if (error == HeaderError::kBadType) {
    result.data.assign(1, header[kTypeAt]);
  }
  return result;
}

Result<MessageHeader, NotificationMessage> judge(std::span<const std::byte> bytes,
                                                 std::size_t max_size) {
  const auto header = bytes.first<kHeaderSize>();
  const auto decoded = decode_header(header, max_size);
  if (!decoded) return fail(notification_for(decoded.error(), header));
  return *decoded;
}

}  // namespace

Result<std::optional<Message>, NotificationMessage> MessageSplitter::next(
    std::span<const std::byte>& bytes) {
  if (delivered_) {
    buffer_.clear();
    delivered_ = false;
  }
  if (buffer_.empty() && bytes.size() >= kHeaderSize) {
    FABRIX_TRY(const MessageHeader header, judge(bytes, max_size_));
    const std::size_t size = kHeaderSize + header.body_size;
    if (bytes.size() >= size) {
      const auto body = bytes.first(size).subspan(kHeaderSize);
      bytes = bytes.subspan(size);
      return Message{.type = header.type, .body = body};
    }
  }
  if (!fill(bytes, kHeaderSize)) return std::nullopt;
  FABRIX_TRY(const MessageHeader header, judge(buffer_, max_size_));
  if (!fill(bytes, kHeaderSize + header.body_size)) return std::nullopt;
  delivered_ = true;
  return Message{.type = header.type, .body = std::span(buffer_).subspan(kHeaderSize)};
}

void MessageSplitter::reset() {
  *this = {};
}

// Moves octets from `bytes` until `size` are buffered; false if there are not so many.
bool MessageSplitter::fill(std::span<const std::byte>& bytes, std::size_t size) {
  const std::size_t wanted = size - std::min(size, buffer_.size());
  const auto taken = bytes.first(std::min(wanted, bytes.size()));
  buffer_.insert(buffer_.end(), taken.begin(), taken.end());
  bytes = bytes.subspan(taken.size());
  return buffer_.size() >= size;
}

}  // namespace fabrix::bgp
