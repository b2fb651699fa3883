#include "openflow/wire.h"

#include <algorithm>

#include "base/assert.h"

namespace fabrix::openflow {
namespace {

void store(std::byte* to, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) {
    to[i] = static_cast<std::byte>(value >> (8 * (width - 1 - i)));
  }
}

}  // namespace

U128 to_u128(net::MacAddress mac) {
  std::uint64_t value = 0;
  for (const std::uint8_t octet : mac.octets()) value = value << 8U | octet;
  return value;
}

U128 to_u128(const net::IpAddress& address) {
  U128 value;
  for (const std::uint8_t octet : address.octets()) {
    value.high = value.high << 8U | value.low >> 56U;
    value.low = value.low << 8U | octet;
  }
  return value;
}

std::byte* WireWriter::grow(std::size_t count) {
  constexpr std::size_t kUsual = 128;  // octets of a flow entry
  const std::size_t at = size_;
  size_ += count;
  if (size_ > buffer_.size()) buffer_.resize(std::max({kUsual, 2 * buffer_.size(), size_}));
  return buffer_.data() + at;
}

std::vector<std::byte> WireWriter::take() {
  buffer_.resize(std::exchange(size_, 0));
  return std::exchange(buffer_, {});
}

void WireWriter::u8(std::uint8_t value) {
  *grow(1) = static_cast<std::byte>(value);
}

void WireWriter::u16(std::uint16_t value) {
  store(grow(2), value, 2);
}

void WireWriter::u32(std::uint32_t value) {
  store(grow(4), value, 4);
}

void WireWriter::u64(std::uint64_t value) {
  store(grow(8), value, 8);
}

void WireWriter::number(U128 value, std::size_t width) {
  FABRIX_ASSERT(width <= 16);
  std::byte* to = grow(width);
  const std::size_t upper = width > 8 ? width - 8 : 0;
  store(to, value.high, upper);
  store(to + upper, value.low, width - upper);
}

void WireWriter::bytes(std::span<const std::byte> value) {
  std::ranges::copy(value, grow(value.size()));
}

void WireWriter::zeros(std::size_t count) {
  grow(count);
}

void WireWriter::pad_from(std::size_t start) {
  zeros((8 - (size() - start) % 8) % 8);
}

void WireWriter::patch_u16(std::size_t at, std::size_t value) {
  FABRIX_ASSERT(at + 2 <= size() && value <= 0xffff);
  store(buffer_.data() + at, value, 2);
}

std::uint64_t read_u64(ByteReader& in) {
  const std::uint64_t high = in.u32();
  const std::uint64_t low = in.u32();
  return in.ok() ? high << 32U | low : 0;
}

U128 read_number(ByteReader& in, std::size_t width) {
  FABRIX_ASSERT(width <= 16);
  U128 value;
  for (const std::byte octet : in.bytes(width)) {
    value.high = value.high << 8U | value.low >> 56U;
    value.low = value.low << 8U | std::to_integer<std::uint64_t>(octet);
  }
  return value;
}

void skip(ByteReader& in, std::size_t count) {
  in.bytes(count);
}

std::vector<std::byte> read_rest(ByteReader& in) {
  const auto rest = in.bytes(in.remaining());
  return {rest.begin(), rest.end()};
}

}  // namespace fabrix::openflow
