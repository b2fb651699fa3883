#include "bgp/nlri.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace fabrix::bgp {
namespace {

constexpr std::size_t octets_for(std::size_t bits) {
  return (bits + 7) / 8;
}

// The address that begins with `octets`, of which there may be too many: whoever masks the result
// does not see them. Copies a size that the compiler knows, except at the end of a message.
template <std::size_t Size>
std::array<std::uint8_t, Size> leading(std::span<const std::byte> octets) {
  std::array<std::uint8_t, Size> result{};
  if (octets.size() >= Size) {
    std::memcpy(result.data(), octets.data(), Size);
  } else if (!octets.empty()) {
    std::memcpy(result.data(), octets.data(), octets.size());
  }
  return result;
}

net::IpAddress leading_address(std::span<const std::byte> octets, net::Family family) {
  return family == net::Family::kIpv4 ? net::IpAddress::v4(leading<4>(octets))
                                      : net::IpAddress::v6(leading<16>(octets));
}

}  // namespace

std::optional<std::vector<net::Prefix>> decode_nlri(std::span<const std::byte> octets,
                                                    net::Family family) {
  std::vector<net::Prefix> prefixes;
  prefixes.reserve(octets.size() / 4);
  while (!octets.empty()) {
    const auto length = std::to_integer<unsigned>(octets.front());
    octets = octets.subspan(1);
    const bool fits = length <= net::width_of(family) && octets_for(length) <= octets.size();
    if (!fits) return std::nullopt;
    prefixes.push_back(*net::Prefix::containing(leading_address(octets, family), length));
    octets = octets.subspan(octets_for(length));
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
