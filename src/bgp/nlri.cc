#include "bgp/nlri.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"

namespace fabrix::bgp {
namespace {

constexpr std::size_t octets_for(std::size_t bits) {
  return (bits + 7) / 8;
}

// The address that begins with `octets`, the rest 0.
template <std::size_t Size>
std::array<std::uint8_t, Size> padded(std::span<const std::byte> octets) {
  std::array<std::uint8_t, Size> result{};
  std::ranges::transform(octets, result.begin(),
                         [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); });
  return result;
}

}  // namespace

std::optional<std::vector<net::Prefix>> decode_nlri(std::span<const std::byte> octets,
                                                    net::Family family) {
  std::vector<net::Prefix> prefixes;
  prefixes.reserve(octets.size() / 4);
  ByteReader in(octets);
  while (!in.at_end()) {
    const unsigned length = in.u8();
    if (length > net::width_of(family)) return std::nullopt;
    const auto significant = in.bytes(octets_for(length));
    if (!in.ok()) return std::nullopt;
    const auto address = family == net::Family::kIpv4 ? net::IpAddress::v4(padded<4>(significant))
                                                      : net::IpAddress::v6(padded<16>(significant));
    prefixes.push_back(*net::Prefix::containing(address, length));
  }
  return prefixes;
}

std::size_t nlri_size(const net::Prefix& prefix) {
  return 1 + octets_for(prefix.length());
}

void encode_nlri(const net::Prefix& prefix, ByteWriter& out) {
  std::array<std::byte, 1 + 16> octets{};
  octets.front() = static_cast<std::byte>(prefix.length());
  const auto address = std::as_bytes(prefix.address().octets());
  std::ranges::copy(address.first(octets_for(prefix.length())), octets.begin() + 1);
  out.bytes(std::span(octets).first(nlri_size(prefix)));
}

}  // namespace fabrix::bgp
