#include "script/frames.h"

#include <utility>

namespace fabrix::script {
namespace {

constexpr std::size_t kHead = 4;

}  // namespace

std::string frame_of(std::string_view message) {
  std::string frame;
  frame.reserve(kHead + message.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) {
    frame.push_back(static_cast<char>(message.size() >> shift & 0xffU));
  }
  return frame.append(message);
}

void FrameReader::append(std::span<const std::byte> octets) {
  octets_.erase(0, std::exchange(used_, 0));
  for (const std::byte octet : octets) octets_.push_back(static_cast<char>(octet));
}

std::optional<std::string> FrameReader::next() {
  const std::string_view rest = std::string_view(octets_).substr(used_);
  if (is_broken_ || rest.size() < kHead) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kHead; ++i) size = size << 8U | static_cast<unsigned char>(rest[i]);
  if (size > longest_) {
    is_broken_ = true;
    return std::nullopt;
  }
  if (rest.size() < kHead + size) return std::nullopt;
  used_ += kHead + size;
  return std::string(rest.substr(kHead, size));
}

}  // namespace fabrix::script
