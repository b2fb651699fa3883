// Octets written down in tests.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fabrix::net {

// "0800 45" to three octets; spaces are for the reader.
inline std::vector<std::byte> from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  std::vector<std::byte> octets;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    std::uint8_t value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    octets.push_back(std::byte{value});
  }
  return octets;
}

}  // namespace fabrix::net
