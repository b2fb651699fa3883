// AddressBits: an address as 128 bits, most significant first, for code that counts and compares
// bits.
//
// An IPv4 address fills the first 32 bits and leaves the rest zero; which family it was of, the
// user has to know. A regular value type.
#pragma once

#include <bit>
#include <cstdint>

#include "net/ip_address.h"

namespace fabrix::net {

struct AddressBits {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static AddressBits of(const IpAddress& address);

  // The inverse of of(). For IPv4, bits after the first 32 are ignored.
  IpAddress to_address(Family family) const;

  // Bit `index` < 128, 0 being the most significant.
  constexpr bool bit(unsigned index) const {
    const std::uint64_t half = index < 64 ? high : low;
    return (half >> (63 - index % 64) & 1U) != 0;
  }

  // How many leading bits the two agree on: 0 to 128.
  constexpr unsigned common_length(const AddressBits& other) const {
    const std::uint64_t different = high ^ other.high;
    if (different != 0) return static_cast<unsigned>(std::countl_zero(different));
    return 64 + static_cast<unsigned>(std::countl_zero(low ^ other.low));
  }

  // With all bits after the first `length` <= 128 cleared.
  constexpr AddressBits masked(unsigned length) const {
    if (length == 0) return {};
    if (length <= 64) return {.high = high & ~std::uint64_t{0} << (64 - length), .low = 0};
    return {.high = high, .low = low & ~std::uint64_t{0} << (128 - length)};
  }

  friend bool operator==(const AddressBits&, const AddressBits&) = default;
};

}  // namespace fabrix::net
