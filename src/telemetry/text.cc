#include "telemetry/text.h"

#include <array>
#include <charconv>

namespace fabrix::telemetry {

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_mac(sflow::Bytes octets, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const std::byte octet : octets.first(6)) {
    const auto value = std::to_integer<unsigned>(octet);
    out += kDigits[value >> 4U];
    out += kDigits[value & 15U];
  }
}

void append_ipv4(sflow::Bytes octets, std::string& out) {
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) out += '.';
    append_number(std::to_integer<std::uint64_t>(octets[i]), out);
  }
}

void append_ipv6(sflow::Bytes octets, std::string& out) {
  out += sflow::XdrReader(octets).ipv6().to_string();
}

void append_bits(std::uint32_t value, unsigned count, std::string& out) {
  while (count > 0) {
    --count;
    out += (value >> count & 1U) != 0 ? '1' : '0';
  }
}

}  // namespace fabrix::telemetry
