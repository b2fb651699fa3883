// Vrp: a validated ROA payload: "this AS may announce this prefix, up to this length" (RFC 6811
// §2).
//
// Invariant where a Vrp enters a table: prefix.length() <= max_length <= width of its family; see
// is_sound(). A regular value of 24 octets; the order is that of prefixes, so a VRP stands before
// those of the blocks inside its own.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "net/asn.h"
#include "net/prefix.h"

namespace fabrix::rpki {

// More VRPs than this are not taken from one source. The global RPKI has about 700,000 (2026).
inline constexpr std::size_t kMaxVrps = 2'000'000;

// A VRP with this AS covers routes but matches none: "nobody may announce this" (RFC 6483 §4).
inline constexpr net::Asn kAsZero{0};

struct Vrp {
  net::Prefix prefix;
  std::uint8_t max_length = 0;
  net::Asn asn;

  friend auto operator<=>(const Vrp&, const Vrp&) = default;
};

// RFC 6482 §3.3: the maximum length is no less than the prefix length, and no more than the address
// has bits.
bool is_sound(const Vrp& vrp);

// For people: "192.0.2.0/24-26 AS64500"; without the maximum length where it says nothing new.
std::string to_string(const Vrp& vrp);

}  // namespace fabrix::rpki
