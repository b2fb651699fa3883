#include "net/address_bits.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

namespace fabrix::net {
namespace {

constexpr std::uint8_t octet_of(std::uint64_t half, std::size_t index) {
  return static_cast<std::uint8_t>(half >> (56 - 8 * index) & 0xffU);
}

}  // namespace

AddressBits AddressBits::of(const IpAddress& address) {
  std::array<std::uint8_t, 16> octets{};
  // By counts that the compiler knows: this is asked a thousand times in a row.
  const std::uint8_t* const from = address.octets().data();
  if (address.family() == Family::kIpv4) {
    std::copy_n(from, 4, octets.begin());
  } else {
    std::copy_n(from, 16, octets.begin());
  }
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(octets);
  if constexpr (std::endian::native == std::endian::big) return {halves[0], halves[1]};
  return {__builtin_bswap64(halves[0]), __builtin_bswap64(halves[1])};
}

IpAddress AddressBits::to_address(Family family) const {
  if (family == Family::kIpv4) {
    return IpAddress::v4(
        {octet_of(high, 0), octet_of(high, 1), octet_of(high, 2), octet_of(high, 3)});
  }
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < 8; ++i) {
    octets.at(i) = octet_of(high, i);
    octets.at(8 + i) = octet_of(low, i);
  }
  return IpAddress::v6(octets);
}

}  // namespace fabrix::net
