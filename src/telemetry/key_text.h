// KeyText: the text of a flow's key, where the flow is: most are short, and a pointer to it would
// be one more line of memory to wait for.
//
// Up to kInside octets are inside, more are on the heap. Moved, not copied. What has been moved
// from is empty.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fabrix::telemetry {

class KeyText {
 public:
  static constexpr std::size_t kInside = 46;           // addresses, protocol and ports, of IPv4
  static constexpr std::size_t kLongest = UINT16_MAX;  // what is longer is cut off

  KeyText() = default;
  explicit KeyText(std::string_view text) { assign(text); }
  KeyText(KeyText&& other) noexcept;
  KeyText& operator=(KeyText&& other) noexcept;
  KeyText(const KeyText&) = delete;
  KeyText& operator=(const KeyText&) = delete;
  ~KeyText() { clear(); }

  // Not of a part of itself.
  void assign(std::string_view text);

  std::string_view view() const { return {is_inside() ? octets_.data() : outside(), length_}; }

 private:
  bool is_inside() const { return length_ <= kInside; }
  char* outside() const;
  void clear() {
    if (!is_inside()) free_outside();
    length_ = 0;
  }
  void free_outside();

  std::array<char, kInside> octets_{};  // or, first, the pointer to them, which is this one's
  std::uint16_t length_ = 0;
};

}  // namespace fabrix::telemetry
