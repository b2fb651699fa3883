#include "verify/tag_fields.h"

#include <bit>

#include "net/ids.h"

namespace fabrix::verify {
namespace {

using program::MacPattern;

MacPattern inline_kind() {
  return program::match_kind(program::TagKind::kInline);
}

std::uint64_t egress_mask() {
  return program::match_egress(net::RouterId{0}).mask & ~inline_kind().mask;
}

std::uint64_t reach_mask(unsigned bit) {
  const std::uint32_t reach = std::uint32_t{1} << bit;
  return program::match_reach(reach, reach).mask & ~inline_kind().mask;
}

// The reach bits among the bits of an address.
std::uint32_t reach_in(std::uint64_t bits) {
  const std::uint64_t mac = inline_kind().bits | (bits & ~inline_kind().mask);
  const auto tag = program::decode_tag(net::MacAddress::from_u64(mac));
  return tag ? tag->reach : 0;
}

constexpr diagram::FieldIndex reach_field(unsigned bit) {
  return static_cast<diagram::FieldIndex>(kFirstReachField + bit);
}

}  // namespace

std::optional<std::vector<diagram::TernaryTest>> tag_tests(const MacPattern& pattern) {
  const MacPattern kind = inline_kind();
  if (((pattern.bits ^ kind.bits) & pattern.mask & kind.mask) != 0) return std::nullopt;
  std::vector<diagram::TernaryTest> tests;
  const std::uint32_t reach = reach_in(pattern.bits);
  const std::uint32_t asked = reach_in(pattern.mask);
  tests.reserve(1 + static_cast<std::size_t>(std::popcount(asked)));
  if (const std::uint64_t mask = pattern.mask & egress_mask(); mask != 0) {
    tests.push_back({.field = kEgressField, .bits = pattern.bits & mask, .mask = mask});
  }
  for (std::uint32_t rest = asked; rest != 0; rest &= rest - 1) {
    const auto bit = static_cast<unsigned>(std::countr_zero(rest));
    tests.push_back({.field = reach_field(bit), .bits = reach >> bit & 1U, .mask = 1});
  }
  return tests;
}

net::MacAddress tag_of(std::span<const std::uint64_t> point) {
  std::uint64_t mac = inline_kind().bits | (point[kEgressField] & egress_mask());
  for (unsigned bit = 0; bit < program::kReachBits; ++bit) {
    if (point[reach_field(bit)] != 0) mac |= reach_mask(bit);
  }
  return net::MacAddress::from_u64(mac);
}

void set_tag(std::vector<std::uint64_t>& point, net::MacAddress tag) {
  point[kEgressField] = tag.to_u64() & egress_mask();
  for (unsigned bit = 0; bit < program::kReachBits; ++bit) {
    point[reach_field(bit)] = (tag.to_u64() & reach_mask(bit)) == 0 ? 0 : 1;
  }
}

}  // namespace fabrix::verify
