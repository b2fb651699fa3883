// The numbers that texts are. Every reader of one, of command lines, JSON, YAML, policies or
// protocols in text, goes by this, so that all refuse the same things.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>

namespace fabrix {

// The number that all of `text` is; none if it is anything else, or is none of T's. No blanks, no
// '+', no "0x"; '-' only for what has a sign. Floating point as std::from_chars reads it, so that
// "inf" and "nan" are numbers. Base 2 .. 36, of whole numbers only.
template <typename T>
std::optional<T> parse_number(std::string_view text, [[maybe_unused]] int base = 10) {
  T number{};
  const char* const end = text.data() + text.size();
  std::from_chars_result read{};
  if constexpr (std::is_floating_point_v<T>) {
    read = std::from_chars(text.data(), end, number);
  } else {
    read = std::from_chars(text.data(), end, number, base);
  }
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace fabrix
