// XdrReader: reads XDR (RFC 4506) from bytes nobody vouches for: big-endian words of four octets,
// and opaque data and strings as a length, the octets, and padding to the next word.
//
// Failure is sticky, as in ByteReader: the first read past the end empties the reader and clears
// ok(); that read and every later one return zero or nothing. A decoder therefore reads a whole
// layout and asks ok() once. Lengths are compared with what is left before they are used, so they
// cannot wrap. Padding that the end cuts off is not missed: agents do leave it out.
//
// The reader views the caller's buffer, which must outlive it and everything taken from it. All
// inline: a collector spends its time here.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "net/ip_address.h"
#include "net/mac_address.h"

namespace fabrix::sflow {

using Bytes = std::span<const std::byte>;

// The big-endian number in the first octets, which must be there.
inline std::uint16_t load_u16(const std::byte* octets) {
  std::uint16_t value = 0;
  std::memcpy(&value, octets, sizeof(value));
  return std::endian::native == std::endian::big ? value : __builtin_bswap16(value);
}

inline std::uint32_t load_u32(const std::byte* octets) {
  std::uint32_t value = 0;
  std::memcpy(&value, octets, sizeof(value));
  return std::endian::native == std::endian::big ? value : __builtin_bswap32(value);
}

inline std::uint64_t load_u64(const std::byte* octets) {
  return std::uint64_t{load_u32(octets)} << 32U | load_u32(octets + 4);
}

class XdrReader {
 public:
  explicit XdrReader(Bytes bytes) : rest_(bytes) {}

  std::uint32_t u32() {
    const Bytes taken = bytes(4);
    return taken.empty() ? 0 : load_u32(taken.data());
  }

  std::uint64_t u64() {
    const Bytes taken = bytes(8);
    return taken.empty() ? 0 : load_u64(taken.data());
  }

  // The next `count` octets, without regard to words.
  Bytes bytes(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  // Fixed-length opaque data: `count` octets and their padding.
  Bytes opaque(std::size_t count) {
    const Bytes taken = bytes(count);
    const std::size_t padding = (4 - count % 4) % 4;
    rest_ = rest_.subspan(padding < rest_.size() ? padding : rest_.size());
    return taken;
  }

  // Variable-length opaque data.
  Bytes opaque() { return opaque(u32()); }

  // An array of words, the number of which stands before it.
  Bytes words() {
    const std::uint32_t count = u32();
    if (count > rest_.size() / 4) {
      fail();
      return {};
    }
    return bytes(std::size_t{count} * 4);
  }

  // sFlow's mac: six octets and two of padding.
  net::MacAddress mac() {
    std::array<std::uint8_t, 6> octets{};
    const Bytes taken = opaque(octets.size());
    if (!taken.empty()) std::memcpy(octets.data(), taken.data(), octets.size());
    return net::MacAddress(octets);
  }

  net::IpAddress ipv4() {
    std::array<std::uint8_t, 4> octets{};
    const Bytes taken = bytes(octets.size());
    if (!taken.empty()) std::memcpy(octets.data(), taken.data(), octets.size());
    return net::IpAddress::v4(octets);
  }

  net::IpAddress ipv6() {
    std::array<std::uint8_t, 16> octets{};
    const Bytes taken = bytes(octets.size());
    if (!taken.empty()) std::memcpy(octets.data(), taken.data(), octets.size());
    return net::IpAddress::v6(octets);
  }

  // sFlow's address: a type and the address. Type 0 is an address that the agent does not know, and
  // reads as 0.0.0.0; a type that does not exist fails.
  net::IpAddress address() {
    const std::uint32_t type = u32();
    if (type == 1) return ipv4();
    if (type == 2) return ipv6();
    if (type != 0) fail();
    return net::IpAddress::unspecified(net::Family::kIpv4);
  }

  void fail() {
    ok_ = false;
    rest_ = {};
  }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
  bool ok_ = true;
};

// Text as the agent sent it: any octets.
inline std::string_view as_text(Bytes bytes) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): octets as characters.
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace fabrix::sflow
