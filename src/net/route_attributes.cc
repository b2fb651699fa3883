#include "net/route_attributes.h"

#include <fmt/format.h>

namespace fabrix::net {

std::string to_string(Community community) {
  return fmt::format("{}:{}", community.value >> 16U, community.value & 0xffffU);
}

std::string to_string(const LargeCommunity& community) {
  return fmt::format("{}:{}:{}", community.global, community.local_1, community.local_2);
}

std::string to_string(ExtendedCommunity community) {
  const auto type = static_cast<std::uint8_t>(community.value >> 56U);
  const auto subtype = static_cast<std::uint8_t>(community.value >> 48U);
  const bool is_target = subtype == 2;  // RFC 4360 §4, 5
  const bool is_origin = subtype == 3;
  const bool is_two_octet = type == 0;   // RFC 4360 §3.1: AS of 16 bits, 32 bits of its own
  const bool is_four_octet = type == 2;  // RFC 5668: AS of 32 bits, 16 bits of its own
  if ((!is_target && !is_origin) || (!is_two_octet && !is_four_octet)) {
    return fmt::format("0x{:016x}", community.value);
  }
  const unsigned own_bits = is_two_octet ? 32 : 16;
  const std::uint64_t payload = community.value & 0xffff'ffff'ffffU;
  return fmt::format("{}:{}:{}", is_target ? "rt" : "ro", payload >> own_bits,
                     payload & ((std::uint64_t{1} << own_bits) - 1));
}

}  // namespace fabrix::net
