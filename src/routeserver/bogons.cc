#include "routeserver/bogons.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace fabrix::routeserver {
namespace {

// No block here is longer than 64 bits.
struct Block {
  std::uint64_t bits;
  unsigned length;

  constexpr bool contains(const PrefixBits& prefix) const {
    return length <= prefix.length && (bits ^ prefix.bits.high) >> (64 - length) == 0;
  }
};

constexpr Block v4(std::uint64_t a, std::uint64_t b, std::uint64_t c, unsigned length) {
  return {.bits = a << 56U | b << 48U | c << 40U, .length = length};
}

constexpr Block v6(std::uint64_t a, std::uint64_t b, std::uint64_t c, unsigned length) {
  return {.bits = a << 48U | b << 32U | c << 16U, .length = length};
}

constexpr std::array kIpv4{
    v4(0, 0, 0, 8),        // RFC 791 §3.2: this network
    v4(10, 0, 0, 8),       // RFC 1918: private
    v4(100, 64, 0, 10),    // RFC 6598: between carrier and customer
    v4(127, 0, 0, 8),      // RFC 1122 §3.2.1.3: loopback
    v4(169, 254, 0, 16),   // RFC 3927: link-local
    v4(172, 16, 0, 12),    // RFC 1918: private
    v4(192, 0, 0, 24),     // RFC 6890 §2.1: IETF protocol assignments
    v4(192, 0, 2, 24),     // RFC 5737: documentation
    v4(192, 88, 99, 24),   // RFC 7526: anycast of 6to4 relays, withdrawn
    v4(192, 168, 0, 16),   // RFC 1918: private
    v4(198, 18, 0, 15),    // RFC 2544: benchmarks
    v4(198, 51, 100, 24),  // RFC 5737: documentation
    v4(203, 0, 113, 24),   // RFC 5737: documentation
    v4(224, 0, 0, 4),      // RFC 5771: multicast
    v4(240, 0, 0, 4),      // RFC 1112 §4: reserved; limited broadcast
};

// RFC 4291 §2.4, RFC 3587: the only global unicast that IANA gives out.
constexpr Block kGlobalUnicast = v6(0x2000, 0, 0, 3);

// Blocks within it.
constexpr std::array kIpv6{
    v6(0x2001, 0, 0, 33),       // RFC 4380 §5: relays announce the Teredo /32, nobody a part of it
    v6(0x2001, 0, 0x8000, 33),  // the other half
    v6(0x2001, 2, 0, 48),       // RFC 5180: benchmarks
    v6(0x2001, 0x10, 0, 28),    // RFC 4843: ORCHID, ended in 2014
    v6(0x2001, 0x20, 0, 28),    // RFC 7343: ORCHIDv2, not routed
    v6(0x2001, 0xdb8, 0, 32),   // RFC 3849: documentation
    v6(0x2002, 0, 0, 16),       // RFC 3056, RFC 7526: 6to4
    v6(0x3ffe, 0, 0, 16),       // RFC 3701: the 6bone, ended in 2006
    v6(0x3fff, 0, 0, 20),       // RFC 9637: documentation
};

// Whether some block has addresses that begin with this octet. Few do, and most prefixes are good.
constexpr std::array<bool, 256> first_octets() {
  std::array<bool, 256> any{};
  for (const Block& block : kIpv4) {
    const std::size_t first = block.bits >> 56U;
    const std::size_t count = block.length < 8 ? std::size_t{1} << (8 - block.length) : 1;
    for (std::size_t octet = first; octet < first + count; ++octet) any[octet] = true;
  }
  return any;
}

constexpr std::array<bool, 256> kIpv4FirstOctets = first_octets();

// Whether it begins with other groups than those of all blocks of kIpv6.
constexpr bool is_between_ipv6_blocks(const PrefixBits& prefix) {
  const std::uint64_t group = prefix.bits.high >> 48U;
  return 0x2002 < group && group < 0x3ffe;
}

template <typename Blocks>
bool any_contains(const Blocks& blocks, const PrefixBits& prefix) {
  return std::ranges::any_of(blocks, [&](const Block& block) { return block.contains(prefix); });
}

}  // namespace

bool is_bogon(const PrefixBits& prefix) {
  if (prefix.length == 0) return false;
  if (prefix.family == net::Family::kIpv4) {
    return kIpv4FirstOctets[prefix.bits.high >> 56U] && any_contains(kIpv4, prefix);
  }
  if (!kGlobalUnicast.contains(prefix)) return true;
  return !is_between_ipv6_blocks(prefix) && any_contains(kIpv6, prefix);
}

bool is_bogon(net::Asn asn) {
  const std::uint32_t number = asn.value;
  if (number == 0 || asn == net::kAsTrans) return true;  // RFC 7607; RFC 6793 §9
  // RFC 5398 (64496-64511, 65536-65551: documentation), RFC 6996 (64512-65534: private), RFC 7300
  // (65535); up to 131071 reserved by IANA.
  if (64496 <= number && number <= 131'071) return true;
  return number >= 4'200'000'000;  // RFC 6996: private; RFC 7300: the last
}

}  // namespace fabrix::routeserver
