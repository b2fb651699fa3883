#include "bgp/flowspec_match.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <limits>
#include <span>
#include <vector>

namespace fabrix::bgp {
namespace {

using Numbers = std::span<const FlowSpecNumber>;
using Bits = std::span<const FlowSpecBits>;

// The largest value that a packet's field can have.
std::uint64_t largest(FlowSpecType type) {
  switch (type) {
    case FlowSpecType::kPort:
    case FlowSpecType::kDestinationPort:
    case FlowSpecType::kSourcePort:
    case FlowSpecType::kPacketLength:
      return 0xffff;
    case FlowSpecType::kDscp:
      return 0x3f;
    case FlowSpecType::kFlowLabel:
      return 0xfffff;
    default:
      return 0xff;
  }
}

// The tests up to the next kOr: they must hold together. Takes them off `tests`.
template <typename Test>
std::span<const Test> next_group(std::span<const Test>& tests) {
  std::size_t size = 1;
  while (size < tests.size() && tests[size].join == FlowSpecJoin::kAnd) ++size;
  const auto group = tests.first(size);
  tests = tests.subspan(size);
  return group;
}

// The values from `low` to `high` but `holes`.
struct Interval {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool empty = false;
  std::vector<std::uint64_t> holes;

  void at_least(std::uint64_t value) { low = std::max(low, value); }
  void at_most(std::uint64_t value) { high = std::min(high, value); }
  void restrict_to(const FlowSpecNumber& test);
  bool has_values();
};

void Interval::restrict_to(const FlowSpecNumber& test) {
  const std::uint64_t value = test.value;
  switch (test.relation) {
    case FlowSpecRelation::kNever:
      empty = true;
      break;
    case FlowSpecRelation::kEqual:
      at_least(value);
      at_most(value);
      break;
    case FlowSpecRelation::kGreater:
      empty |= value == std::numeric_limits<std::uint64_t>::max();
      if (!empty) at_least(value + 1);
      break;
    case FlowSpecRelation::kGreaterOrEqual:
      at_least(value);
      break;
    case FlowSpecRelation::kLess:
      empty |= value == 0;
      if (!empty) at_most(value - 1);
      break;
    case FlowSpecRelation::kLessOrEqual:
      at_most(value);
      break;
    case FlowSpecRelation::kNotEqual:
      holes.push_back(value);
      break;
    case FlowSpecRelation::kAlways:
      break;
  }
}

bool Interval::has_values() {
  if (empty || low > high) return false;
  std::ranges::sort(holes);
  holes.erase(std::unique(holes.begin(), holes.end()), holes.end());
  const auto inside = std::ranges::upper_bound(holes, high) - std::ranges::lower_bound(holes, low);
  return high - low >= static_cast<std::uint64_t>(inside);
}

bool can_match(Numbers tests, std::uint64_t low, std::uint64_t high) {
  while (!tests.empty()) {
    Interval interval{.low = low, .high = high, .empty = false, .holes = {}};
    for (const FlowSpecNumber& test : next_group(tests)) interval.restrict_to(test);
    if (interval.has_values()) return true;
  }
  return false;
}

// All values of the 12 bits that TCP flags and fragment operands look at: bit v is value v.
using Values = std::bitset<4096>;
constexpr unsigned kBitCount = 12;

// For each bit, the values that have it.
std::array<Values, kBitCount> values_by_bit() {
  std::array<Values, kBitCount> result;
  for (std::size_t value = 0; value < Values().size(); ++value) {
    for (unsigned bit = 0; bit < kBitCount; ++bit) result.at(bit)[value] = (value >> bit & 1U) != 0;
  }
  return result;
}

Values values_of(const FlowSpecBits& test, const std::array<Values, kBitCount>& by_bit) {
  const bool all = test.test == FlowSpecBitTest::kAll || test.test == FlowSpecBitTest::kNotAll;
  Values values;
  if (all) values.set();
  for (unsigned bit = 0; bit < kBitCount; ++bit) {
    if ((test.value >> bit & 1U) == 0) continue;
    values = all ? values & by_bit.at(bit) : values | by_bit.at(bit);
  }
  // No packet has the bits beyond.
  if (all && test.value >> kBitCount != 0) values.reset();
  const bool negated =
      test.test == FlowSpecBitTest::kNotAny || test.test == FlowSpecBitTest::kNotAll;
  return negated ? ~values : values;
}

bool can_match(Bits tests, std::uint64_t possible_bits) {
  const auto by_bit = values_by_bit();
  Values possible;
  possible.set();
  for (unsigned bit = 0; bit < kBitCount; ++bit) {
    if ((possible_bits >> bit & 1U) == 0) possible &= ~by_bit.at(bit);
  }
  while (!tests.empty()) {
    Values values = possible;
    for (const FlowSpecBits& test : next_group(tests)) values &= values_of(test, by_bit);
    if (values.any()) return true;
  }
  return false;
}

// RFC 8955 §4.2.2.9, §4.2.2.12; RFC 8956 §3.6: IPv6 knows no DF.
std::uint64_t possible_bits(FlowSpecType type, net::Family family) {
  if (type == FlowSpecType::kTcpFlags) return 0xfff;
  const std::uint64_t fragment = kIsFragment | kFirstFragment | kLastFragment;
  return family == net::Family::kIpv4 ? fragment | kDontFragment : fragment;
}

bool can_match(const FlowSpecComponent& component, net::Family family) {
  if (const auto* const numbers = std::get_if<FlowSpecComponent::Numbers>(&component.value)) {
    return can_match(*numbers, 0, largest(component.type));
  }
  if (const auto* const bits = std::get_if<FlowSpecComponent::Bits>(&component.value)) {
    return can_match(*bits, possible_bits(component.type, family));
  }
  return true;
}

constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;

// The protocols that leave a component a chance, if it asks for some (RFC 8955 §4.2.2.4-9).
std::vector<std::uint8_t> protocols_for(FlowSpecType type, net::Family family) {
  const bool ports = type == FlowSpecType::kPort || type == FlowSpecType::kDestinationPort ||
                     type == FlowSpecType::kSourcePort;
  if (ports) return {kTcp, kUdp};
  if (type == FlowSpecType::kTcpFlags) return {kTcp};
  const bool icmp = type == FlowSpecType::kIcmpType || type == FlowSpecType::kIcmpCode;
  if (!icmp) return {};
  return {family == net::Family::kIpv4 ? std::uint8_t{1} : std::uint8_t{58}};
}

// The first component that wants a protocol which the components before it exclude.
std::optional<FlowSpecType> protocol_conflict(const FlowSpecRule& rule) {
  std::vector<std::uint8_t> candidates{kTcp, kUdp, 1, 58};
  if (const FlowSpecComponent* const protocol = rule.find(FlowSpecType::kProtocol)) {
    const auto& numbers = std::get<FlowSpecComponent::Numbers>(protocol->value);
    std::erase_if(candidates, [&numbers](std::uint8_t candidate) {
      return !can_match(numbers, candidate, candidate);
    });
  }
  for (const FlowSpecComponent& component : rule.components()) {
    const auto wanted = protocols_for(component.type, rule.family());
    if (wanted.empty()) continue;
    std::erase_if(candidates, [&wanted](std::uint8_t candidate) {
      return std::ranges::find(wanted, candidate) == wanted.end();
    });
    if (candidates.empty()) return component.type;
  }
  return std::nullopt;
}

}  // namespace

std::optional<FlowSpecType> impossible_component(const FlowSpecRule& rule) {
  for (const FlowSpecComponent& component : rule.components()) {
    if (!can_match(component, rule.family())) return component.type;
  }
  return protocol_conflict(rule);
}

}  // namespace fabrix::bgp
