// OctetForm: how a value is kept in octets, always as many, which is quicker to make, to hash and
// to compare than its text; that is made when somebody asks. Two values have the same octets if and
// only if they have the same text. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fabrix::telemetry {

enum class OctetForm : std::uint8_t {
  kNone,       // there is only text
  kNumber,     // 32 bits, as this machine has them
  kInterface,  // an sflow::Interface: the value, and above it the format
  kMac,
  kIpv4,
  kIpv6,
};

inline constexpr std::size_t kMostOctets = 16;
inline constexpr std::size_t kLongestForm = 45;  // as text

// How many octets.
constexpr std::size_t width_of(OctetForm form) {
  constexpr std::array<std::size_t, 6> kWidths = {0, 4, 8, 6, 4, kMostOctets};
  return kWidths[static_cast<std::size_t>(form)];
}

// Not of kNone.
void append_octets(OctetForm form, const char* octets, std::string& out);

// Of a text that append_octets() could have made; false of another one.
bool put_octets(OctetForm form, std::string_view text, char* to);

}  // namespace fabrix::telemetry
