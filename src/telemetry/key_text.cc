#include "telemetry/key_text.h"

#include <cstring>
#include <memory>
#include <utility>

namespace fabrix::telemetry {

KeyText::KeyText(KeyText&& other) noexcept
    : octets_(other.octets_), length_(std::exchange(other.length_, std::uint16_t{0})) {}

KeyText& KeyText::operator=(KeyText&& other) noexcept {
  if (this == &other) return *this;
  clear();
  octets_ = other.octets_;
  length_ = std::exchange(other.length_, std::uint16_t{0});
  return *this;
}

char* KeyText::outside() const {
  char* text = nullptr;
  std::memcpy(&text, octets_.data(), sizeof(text));
  return text;
}

void KeyText::free_outside() {
  // NOLINTNEXTLINE(modernize-avoid-c-arrays): as long as the text is
  const std::unique_ptr<char[]> freed(outside());
}

void KeyText::assign(std::string_view text) {
  text = text.substr(0, kLongest);
  clear();
  char* to = octets_.data();
  if (text.size() > kInside) {
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): as long as the text is
    to = std::make_unique<char[]>(text.size()).release();
    std::memcpy(octets_.data(), &to, sizeof(to));
  }
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  length_ = static_cast<std::uint16_t>(text.size());
}

}  // namespace fabrix::telemetry
