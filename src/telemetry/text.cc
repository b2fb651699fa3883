#include "telemetry/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace fabrix::telemetry {
namespace {

// Of each octet, its digits and a point, and how many characters these are.
struct OctetText {
  std::array<char, 4> characters;
  std::uint32_t length;
};

constexpr std::array<OctetText, 256> kOctets = [] {
  std::array<OctetText, 256> texts{};
  for (unsigned value = 0; value < texts.size(); ++value) {
    OctetText& text = texts[value];
    for (const unsigned unit : {100U, 10U, 1U}) {
      if (value < unit && unit != 1) continue;
      text.characters[text.length++] = static_cast<char>('0' + value / unit % 10);
    }
    text.characters[text.length++] = '.';
  }
  return texts;
}();

}  // namespace

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 20> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_mac(sflow::Bytes octets, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::array<char, 12> text{};
  char* to = text.data();
  for (const std::byte octet : octets.first(6)) {
    const auto value = std::to_integer<unsigned>(octet);
    *to++ = kDigits[value >> 4U];
    *to++ = kDigits[value & 15U];
  }
  out.append(text.data(), text.size());
}

void append_ipv4(sflow::Bytes octets, std::string& out) {
  std::array<char, 16> text{};
  std::size_t length = 0;
  for (const std::byte octet : octets.first(4)) {
    const OctetText& digits = kOctets[std::to_integer<std::size_t>(octet)];
    std::memcpy(&text[length], &digits.characters, 4);  // of which some are overwritten
    length += digits.length;
  }
  out.append(text.data(), length - 1);
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
