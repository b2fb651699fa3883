// MacAddress: a 48-bit Ethernet address (IEEE 802). A regular value type of 6 bytes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fabrix::net {

class MacAddress {
 public:
  constexpr MacAddress() = default;  // 00:00:00:00:00:00
  constexpr explicit MacAddress(std::array<std::uint8_t, 6> octets) : octets_(octets) {}

  // From the low 48 bits, the first octet on the wire being the most significant.
  static MacAddress from_u64(std::uint64_t value);

  // "08:00:27:89:3b:9f", either case, '-' also accepted between octets; nothing else.
  static std::optional<MacAddress> parse(std::string_view text);

  static MacAddress broadcast();

  std::uint64_t to_u64() const;
  const std::array<std::uint8_t, 6>& octets() const { return octets_; }

  bool is_multicast() const { return (octets_[0] & 1U) != 0; }  // broadcast included
  bool is_locally_administered() const { return (octets_[0] & 2U) != 0; }

  // Lower case, colons.
  std::string to_string() const;

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;

 private:
  std::array<std::uint8_t, 6> octets_{};
};

}  // namespace fabrix::net
