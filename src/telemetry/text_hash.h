// A hash of a short text, quick: sixteen octets a step, each a product of 128 bits whose halves are
// joined (as wyhash does it; Wang Yi 2019). It spreads over all 64 bits. Not for the disk or the
// wire: it is another one on another machine. Who chooses texts can have them collide. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace fabrix::telemetry {
namespace text_hash {

// Odd, with as many ones as zeros.
inline constexpr std::uint64_t kFirst = 0xa0761d6478bd642f;
inline constexpr std::uint64_t kSecond = 0xe7037ed1a0b428db;

inline std::uint64_t product_of(std::uint64_t left, std::uint64_t right) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = Wide{left} * right;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

// The number in so many octets.
template <typename Number>
std::uint64_t load(const char* octets) {
  Number number = 0;
  std::memcpy(&number, octets, sizeof(number));
  return number;
}

}  // namespace text_hash

inline std::uint64_t hash_of(std::string_view text) {
  using text_hash::load;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = text_hash::kFirst;
  for (; left > 16; left -= 16, at += 16) {
    hash = text_hash::product_of(load<std::uint64_t>(at) ^ text_hash::kSecond,
                                 load<std::uint64_t>(at + 8) ^ hash);
  }
  // The rest, in two parts that may overlap.
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (left >= 8) {
    first = load<std::uint64_t>(at);
    last = load<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    first = load<std::uint32_t>(at);
    last = load<std::uint32_t>(at + left - 4);
  } else if (left > 0) {
    first = load<std::uint8_t>(at) << 8U | load<std::uint8_t>(at + left / 2);
    last = load<std::uint8_t>(at + left - 1);
  }
  const std::uint64_t rest = text_hash::product_of(first ^ text_hash::kSecond, last ^ hash);
  return text_hash::product_of(text_hash::kSecond ^ text.size(), rest);
}

}  // namespace fabrix::telemetry
