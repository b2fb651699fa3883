#include "net/address_bits.h"

#include <array>
#include <cstddef>

namespace fabrix::net {
namespace {

constexpr std::uint8_t octet_of(std::uint64_t half, std::size_t index) {
  return static_cast<std::uint8_t>(half >> (56 - 8 * index) & 0xffU);
}

}  // namespace

AddressBits AddressBits::of(const IpAddress& address) {
  AddressBits bits;
  unsigned shift = 128;
  for (const std::uint8_t octet : address.octets()) {
    shift -= 8;
    std::uint64_t& half = shift >= 64 ? bits.high : bits.low;
    half |= std::uint64_t{octet} << (shift % 64);
  }
  return bits;
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
