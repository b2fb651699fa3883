// WireWriter and U128: what the OpenFlow encoders need beyond base/byte_writer.h: 64-bit fields,
// lengths filled in when they are known, padding to eight octets, and header values of up to 128
// bits.
//
// Values; any thread. U128 is an unsigned number, so an address on the wire is its big-endian form.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "net/ip_address.h"
#include "net/mac_address.h"

namespace fabrix::openflow {

// Ordered as a number. Converts from an unsigned number implicitly on purpose: most fields are
// small.
struct U128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  constexpr U128() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): see above.
  constexpr U128(std::uint64_t small) : low(small) {}
  constexpr U128(std::uint64_t upper, std::uint64_t lower) : high(upper), low(lower) {}

  // The low `bits` bits set; at most 128.
  static constexpr U128 ones(unsigned bits) {
    constexpr std::uint64_t kAll = ~std::uint64_t{0};
    if (bits == 0) return {};
    if (bits <= 64) return {0, kAll >> (64 - bits)};
    return {kAll >> (128 - bits), kAll};
  }

  friend constexpr U128 operator&(U128 a, U128 b) { return {a.high & b.high, a.low & b.low}; }
  friend constexpr auto operator<=>(const U128&, const U128&) = default;
};

U128 to_u128(net::MacAddress mac);
U128 to_u128(const net::IpAddress& address);

class WireWriter {
 public:
  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  // The low `width` octets of `value`, at most 16.
  void number(U128 value, std::size_t width);
  void bytes(std::span<const std::byte> value);
  void zeros(std::size_t count);

  // Zeros up to the next multiple of eight octets after `start`.
  void pad_from(std::size_t start);
  // Overwrites two octets already written.
  void patch_u16(std::size_t at, std::size_t value);

  std::size_t size() const { return size_; }
  std::span<const std::byte> view() const { return std::span(buffer_).first(size_); }
  // Hands the buffer over, leaving the writer empty.
  std::vector<std::byte> take();

 private:
  std::byte* grow(std::size_t count);

  // Room, of which the first `size_` octets are written and the rest is zero: a field costs no call
  // of the vector.
  std::vector<std::byte> buffer_;
  std::size_t size_ = 0;
};

// The readers that base/byte_reader.h lacks; they fail as its own do.
std::uint64_t read_u64(ByteReader& in);
// `width` octets, at most 16.
U128 read_number(ByteReader& in, std::size_t width);
void skip(ByteReader& in, std::size_t count);
std::vector<std::byte> read_rest(ByteReader& in);

}  // namespace fabrix::openflow
