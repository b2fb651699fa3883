#include "bgp/flowspec_nlri.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "base/byte_reader.h"
#include "net/address_bits.h"

namespace fabrix::bgp {
namespace {

using Octets = std::span<const std::byte>;

// RFC 8955 §4.1.
constexpr std::size_t kFirstLongLength = 240;
constexpr std::uint8_t kLongLength = 0xf0;

// An operator octet (RFC 8955 §4.2.1): end of list, and, length of the value as a power of two.
constexpr std::uint8_t kEndOfList = 0x80;
constexpr std::uint8_t kAnd = 0x40;
constexpr unsigned kWidthShift = 4;
constexpr std::uint8_t kNumericMask = 0x07;
constexpr std::uint8_t kBitmaskMask = 0x03;

using Decoded = Result<decltype(FlowSpecComponent::value), FlowSpecError>;

std::uint64_t read_value(ByteReader& in, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8U | in.u8();
  return value;
}

void set_operator(FlowSpecNumber& test, std::uint8_t op) {
  test.relation = FlowSpecRelation{static_cast<std::uint8_t>(op & kNumericMask)};
}

void set_operator(FlowSpecBits& test, std::uint8_t op) {
  test.test = FlowSpecBitTest{static_cast<std::uint8_t>(op & kBitmaskMask)};
}

template <typename Test>
Decoded decode_tests(ByteReader& in) {
  std::vector<Test> tests;
  bool more = true;
  while (more) {
    const std::uint8_t op = in.u8();
    Test test;
    test.join = (op & kAnd) != 0 ? FlowSpecJoin::kAnd : FlowSpecJoin::kOr;
    test.width = static_cast<std::uint8_t>(1U << (op >> kWidthShift & 3U));
    test.value = read_value(in, test.width);
    if (!in.ok()) return fail(FlowSpecError::kOverrun);
    set_operator(test, op);
    tests.push_back(test);
    more = (op & kEndOfList) == 0;
  }
  return Decoded(std::move(tests));
}

// The bits of `pattern` moved behind the first `offset`.
net::AddressBits behind(const net::AddressBits& pattern, unsigned offset) {
  if (offset == 0) return pattern;
  if (offset >= 64) return {.high = 0, .low = pattern.high >> (offset - 64)};
  return {.high = pattern.high >> offset,
          .low = pattern.low >> offset | pattern.high << (64 - offset)};
}

// The inverse: the bits behind the first `offset`, moved to the front.
net::AddressBits from(const net::AddressBits& bits, unsigned offset) {
  if (offset == 0) return bits;
  if (offset >= 64) return {.high = bits.low << (offset - 64), .low = 0};
  return {.high = bits.high << offset | bits.low >> (64 - offset), .low = bits.low << offset};
}

// The address that begins with `octets`, the rest 0.
net::IpAddress padded(Octets octets, net::Family family) {
  const auto to_octet = [](std::byte octet) { return std::to_integer<std::uint8_t>(octet); };
  if (family == net::Family::kIpv4) {
    std::array<std::uint8_t, 4> v4{};
    std::ranges::transform(octets, v4.begin(), to_octet);
    return net::IpAddress::v4(v4);
  }
  std::array<std::uint8_t, 16> v6{};
  std::ranges::transform(octets, v6.begin(), to_octet);
  return net::IpAddress::v6(v6);
}

// RFC 8955 §4.2.2.1, and with an offset RFC 8956 §3.1.
Decoded decode_prefix(ByteReader& in, net::Family family) {
  const unsigned length = in.u8();
  const unsigned offset = family == net::Family::kIpv6 ? in.u8() : 0;
  if (!in.ok()) return fail(FlowSpecError::kOverrun);
  const bool everything = length == 0 && offset == 0;
  if (length > width_of(family) || (offset >= length && !everything)) {
    return fail(FlowSpecError::kPrefix);
  }
  const Octets pattern = in.bytes((length - offset + 7) / 8);
  if (!in.ok()) return fail(FlowSpecError::kOverrun);
  const auto bits = behind(net::AddressBits::of(padded(pattern, family)), offset);
  return Decoded(FlowSpecPrefix{.prefix = *net::Prefix::containing(bits.to_address(family), length),
                                .offset = static_cast<std::uint8_t>(offset)});
}

Decoded decode_value(FlowSpecType type, ByteReader& in, net::Family family) {
  if (is_prefix(type)) return decode_prefix(in, family);
  if (is_bitmask(type)) return decode_tests<FlowSpecBits>(in);
  return decode_tests<FlowSpecNumber>(in);
}

std::uint8_t operator_of(const FlowSpecNumber& test) {
  return static_cast<std::uint8_t>(test.relation);
}

std::uint8_t operator_of(const FlowSpecBits& test) {
  return static_cast<std::uint8_t>(test.test);
}

template <typename Test>
void encode_tests(const std::vector<Test>& tests, ByteWriter& out) {
  for (const Test& test : tests) {
    unsigned op = operator_of(test);
    if (&test == &tests.back()) op |= kEndOfList;
    if (test.join == FlowSpecJoin::kAnd) op |= kAnd;
    op |= static_cast<unsigned>(std::countr_zero(test.width)) << kWidthShift;
    out.u8(static_cast<std::uint8_t>(op));
    for (unsigned octet = test.width; octet-- > 0;) {
      out.u8(static_cast<std::uint8_t>(test.value >> (8 * octet) & 0xffU));
    }
  }
}

void encode_prefix(const FlowSpecPrefix& value, ByteWriter& out) {
  const net::Family family = value.prefix.family();
  out.u8(static_cast<std::uint8_t>(value.prefix.length()));
  if (family == net::Family::kIpv6) out.u8(value.offset);
  const auto pattern = from(net::AddressBits::of(value.prefix.address()), value.offset);
  const net::IpAddress octets = pattern.to_address(family);
  const std::size_t size = (value.prefix.length() - value.offset + 7U) / 8U;
  out.bytes(std::as_bytes(octets.octets()).first(size));
}

std::size_t value_size(const FlowSpecRule& rule) {
  std::size_t size = 0;
  for (const FlowSpecComponent& component : rule.components()) size += encoded_size(component);
  return size;
}

// RFC 8955 §4.1: the value of the next NLRI; none if it is longer than what is there.
std::optional<Octets> next_value(ByteReader& in) {
  std::size_t length = in.u8();
  if (length >= kFirstLongLength) length = (length - kLongLength) << 8U | in.u8();
  const Octets value = in.bytes(length);
  return in.ok() ? std::optional(value) : std::nullopt;
}

}  // namespace

Result<FlowSpecRule, FlowSpecError> decode_flowspec_rule(net::Family family, Octets value) {
  std::vector<FlowSpecComponent> components;
  std::uint8_t last = 0;
  for (ByteReader in(value); !in.at_end();) {
    const std::uint8_t code = in.u8();
    if (!is_known_flowspec_type(code, family)) return fail(FlowSpecError::kUnknownType);
    if (code <= last) return fail(FlowSpecError::kTypeOrder);
    last = code;
    const FlowSpecType type{code};
    FABRIX_TRY(auto decoded, decode_value(type, in, family));
    components.push_back({.type = type, .value = std::move(decoded)});
  }
  return FlowSpecRule::create(family, std::move(components));
}

Result<std::vector<FlowSpecRule>, FlowSpecError> decode_flowspec_routes(net::Family family,
                                                                        Octets nlri) {
  std::vector<FlowSpecRule> rules;
  for (ByteReader in(nlri); !in.at_end();) {
    const auto value = next_value(in);
    if (!value) return fail(FlowSpecError::kOverrun);
    FABRIX_TRY(auto rule, decode_flowspec_rule(family, *value));
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::size_t flowspec_nlri_size(const FlowSpecRule& rule) {
  const std::size_t size = value_size(rule);
  return size + (size < kFirstLongLength ? 1U : 2U);
}

void encode_flowspec_nlri(const FlowSpecRule& rule, ByteWriter& out) {
  const std::size_t size = value_size(rule);
  if (size < kFirstLongLength) {
    out.u8(static_cast<std::uint8_t>(size));
  } else {
    out.u16(static_cast<std::uint16_t>(std::size_t{kLongLength} << 8U | size));
  }
  for (const FlowSpecComponent& component : rule.components()) {
    out.u8(static_cast<std::uint8_t>(component.type));
    encode_flowspec_value(component, out);
  }
}

void encode_flowspec_value(const FlowSpecComponent& component, ByteWriter& out) {
  if (const auto* const prefix = std::get_if<FlowSpecPrefix>(&component.value)) {
    encode_prefix(*prefix, out);
  } else if (const auto* const bits = std::get_if<FlowSpecComponent::Bits>(&component.value)) {
    encode_tests(*bits, out);
  } else {
    encode_tests(std::get<FlowSpecComponent::Numbers>(component.value), out);
  }
}

}  // namespace fabrix::bgp
