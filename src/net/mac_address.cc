#include "net/mac_address.h"

#include <cstddef>

#include <fmt/format.h>

namespace fabrix::net {
namespace {

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

MacAddress MacAddress::from_u64(std::uint64_t value) {
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets.at(i) = static_cast<std::uint8_t>(value >> (40 - 8 * i) & 0xffU);
  }
  return MacAddress(octets);
}

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  const char separator = text[2];
  if (separator != ':' && separator != '-') return std::nullopt;
  std::array<std::uint8_t, 6> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto high = hex_digit(text[3 * i]);
    const auto low = hex_digit(text[3 * i + 1]);
    if (!high || !low) return std::nullopt;
    if (i > 0 && text[3 * i - 1] != separator) return std::nullopt;
    octets.at(i) = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return MacAddress(octets);
}

MacAddress MacAddress::broadcast() {
  return MacAddress({0xff, 0xff, 0xff, 0xff, 0xff, 0xff});
}

std::uint64_t MacAddress::to_u64() const {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets_) value = value << 8U | octet;
  return value;
}

std::string MacAddress::to_string() const {
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", octets_[0], octets_[1],
                     octets_[2], octets_[3], octets_[4], octets_[5]);
}

}  // namespace fabrix::net
