#include "interchange/placeholders.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>

#include "net/address_bits.h"

namespace fabrix::interchange {
namespace {

constexpr std::uint64_t kMacBlock = 0x00005ef00000;
constexpr std::uint64_t kMacMask = 0x0000000fffff;
constexpr unsigned kMostTried = 10'000;
constexpr std::size_t kMostPrefixes = 32;  // of each family; exchange.yaml takes 64

// FNV-1a.
std::uint64_t hash_of(const net::IpAddress& address) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t octet : address.octets()) hash = (hash ^ octet) * 0x100000001b3;
  return hash ^ hash >> 20U ^ hash >> 40U;
}

// RFC 1122 §3.2.1.3.
bool is_edge(const net::IpAddress& address, const net::Prefix& prefix) {
  if (prefix.family() != net::Family::kIpv4 || prefix.length() >= 31) return false;
  const std::uint64_t hosts = 0xffffffffU >> prefix.length();
  const std::uint64_t host = net::AddressBits::of(address).high >> 32U & hosts;
  return host == 0 || host == hosts;
}

using Prefixes = std::set<net::Prefix>;

// Empty if an address would be no host's.
Prefixes blocks_of(std::span<const net::IpAddress> addresses, unsigned length) {
  Prefixes blocks;
  for (const net::IpAddress& address : addresses) {
    const auto block = net::Prefix::containing(address, length);
    if (!block || is_edge(address, *block)) return {};
    blocks.insert(*block);
  }
  return blocks;
}

// All of one family.
Prefixes guess_family(std::span<const net::IpAddress> addresses) {
  const bool is_ipv4 = addresses.front().family() == net::Family::kIpv4;
  const unsigned longest = is_ipv4 ? 24 : 64;
  const unsigned shortest = is_ipv4 ? 8 : 32;
  for (unsigned length = longest; length >= shortest; --length) {
    auto blocks = blocks_of(addresses, length);
    if (blocks.size() == 1) return blocks;
  }
  for (unsigned length = longest; length > 0; --length) {
    auto blocks = blocks_of(addresses, length);
    if (!blocks.empty() && blocks.size() <= kMostPrefixes) return blocks;
  }
  return {net::Prefix::all(addresses.front().family())};
}

net::AddressBits plus(net::AddressBits bits, std::uint64_t more) {
  bits.low += more;
  if (bits.low < more) ++bits.high;
  return bits;
}

}  // namespace

net::MacAddress placeholder_mac(const net::IpAddress& address, unsigned attempt) {
  return net::MacAddress::from_u64(kMacBlock | ((hash_of(address) + attempt) & kMacMask));
}

std::vector<net::Prefix> guess_lan(std::span<const net::IpAddress> addresses) {
  std::vector<net::Prefix> lan;
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    std::vector<net::IpAddress> own;
    std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(own),
                 [family](const net::IpAddress& one) { return one.family() == family; });
    if (own.empty()) continue;
    const Prefixes blocks = guess_family(own);
    lan.insert(lan.end(), blocks.begin(), blocks.end());
  }
  return lan;
}

std::optional<net::IpAddress> free_address(const net::Prefix& prefix,
                                           std::span<const net::IpAddress> taken) {
  const bool is_ipv4 = prefix.family() == net::Family::kIpv4;
  const net::AddressBits first = net::AddressBits::of(prefix.address());
  const std::uint64_t last = is_ipv4 ? 0xffffffffU >> prefix.length() : kMostTried;
  for (std::uint64_t n = 1; n <= std::min<std::uint64_t>(last, kMostTried); ++n) {
    const std::uint64_t host = is_ipv4 ? last - n : n;
    auto bits = first;
    if (is_ipv4) {
      bits.high += host << 32U;
    } else {
      bits = plus(bits, host);
    }
    const auto address = bits.to_address(prefix.family());
    const bool usable = prefix.contains(address) && !is_edge(address, prefix);
    if (usable && std::find(taken.begin(), taken.end(), address) == taken.end()) return address;
  }
  return std::nullopt;
}

}  // namespace fabrix::interchange
