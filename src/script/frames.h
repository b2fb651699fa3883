// Messages on a stream of octets: four octets of length, the first the highest, and so much text.
//
// FrameReader takes octets as they come. A message that is too long breaks the stream for good.
// Pure; one thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fabrix::script {

std::string frame_of(std::string_view message);

class FrameReader {
 public:
  explicit FrameReader(std::size_t longest) : longest_(longest) {}

  void append(std::span<const std::byte> octets);

  // The next whole message.
  std::optional<std::string> next();

  bool is_broken() const { return is_broken_; }

 private:
  std::size_t longest_;
  std::string octets_;
  std::size_t used_ = 0;
  bool is_broken_ = false;
};

}  // namespace fabrix::script
