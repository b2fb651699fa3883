#include "program/tag.h"

namespace fabrix::program {
namespace {

// Where the parts lie in the 48 bits, counted from the last octet's lowest bit. The reach bits are
// split around the two fixed bits of octet 0.
constexpr unsigned kKindShift = 46;
constexpr std::uint64_t kKindMask = std::uint64_t{3} << kKindShift;
constexpr std::uint64_t kFixedMask = std::uint64_t{3} << 40U;
constexpr std::uint64_t kFixedBits = std::uint64_t{2} << 40U;  // locally administered, unicast
constexpr std::uint64_t kEgressMask = 0xfff;
constexpr unsigned kReachLowBits = 28;
constexpr unsigned kReachLowShift = 12;
constexpr unsigned kReachHighShift = 42;

std::uint64_t place_reach(std::uint32_t reach) {
  const std::uint64_t low = reach & ((1U << kReachLowBits) - 1);
  const std::uint64_t high = reach >> kReachLowBits;
  return low << kReachLowShift | high << kReachHighShift;
}

std::uint32_t take_reach(std::uint64_t mac) {
  const std::uint64_t low = mac >> kReachLowShift & ((1U << kReachLowBits) - 1);
  const std::uint64_t high = mac >> kReachHighShift & 0xfU;
  return static_cast<std::uint32_t>(high << kReachLowBits | low);
}

std::uint64_t place_kind(TagKind kind) {
  return static_cast<std::uint64_t>(kind) << kKindShift;
}

std::uint64_t egress_code(net::RouterId router) {
  return (static_cast<std::uint64_t>(router.value) + 1) & kEgressMask;
}

}  // namespace

net::MacAddress encode(const Tag& tag) {
  const std::uint64_t egress = tag.egress ? egress_code(*tag.egress) : 0;
  return net::MacAddress::from_u64(place_kind(tag.kind) | kFixedBits | place_reach(tag.reach) |
                                   egress);
}

std::optional<Tag> decode_tag(net::MacAddress mac) {
  const std::uint64_t bits = mac.to_u64();
  if ((bits & kFixedMask) != kFixedBits) return std::nullopt;
  Tag tag;
  tag.kind = static_cast<TagKind>(bits >> kKindShift);
  tag.reach = take_reach(bits);
  const std::uint64_t code = bits & kEgressMask;
  if (code != 0) tag.egress = net::RouterId{static_cast<std::uint16_t>(code - 1)};
  return tag;
}

MacPattern match_kind(TagKind kind) {
  return {.bits = place_kind(kind) | kFixedBits, .mask = kKindMask | kFixedMask};
}

MacPattern match_reach(std::uint32_t bits, std::uint32_t mask) {
  MacPattern pattern = match_kind(TagKind::kInline);
  pattern.bits |= place_reach(bits & mask);
  pattern.mask |= place_reach(mask);
  return pattern;
}

MacPattern match_egress(net::RouterId router) {
  MacPattern pattern = match_kind(TagKind::kInline);
  pattern.bits |= egress_code(router);
  pattern.mask |= kEgressMask;
  return pattern;
}

}  // namespace fabrix::program
