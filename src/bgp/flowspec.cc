#include "bgp/flowspec.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "net/address_bits.h"

namespace fabrix::bgp {
namespace {

using Numbers = FlowSpecComponent::Numbers;
using Bits = FlowSpecComponent::Bits;

constexpr std::uint64_t kDscpBits = 0x3f;
constexpr std::uint64_t kFragmentBits = 0x0f;

constexpr std::array<std::string_view, 14> kNames{
    "",         "dst",      "src",      "proto",  "port", "dstport",  "srcport",
    "icmptype", "icmpcode", "tcpflags", "length", "dscp", "fragment", "flowlabel"};

constexpr std::array<std::string_view, 8> kRelations{
    "never ", "=", ">", ">=", "<", "<=", "!=", "any "};

constexpr std::array<std::string_view, 4> kBitTests{"any", "all", "!any", "!all"};

constexpr std::array<std::string_view, 8> kTcpFlagNames{"FIN", "SYN", "RST", "PSH",
                                                        "ACK", "URG", "ECE", "CWR"};
constexpr std::array<std::string_view, 4> kFragmentNames{"DF", "IsF", "FF", "LF"};

bool fits(std::uint64_t value, std::uint8_t width) {
  if (width == 8) return true;
  const bool is_width = width == 1 || width == 2 || width == 4;
  return is_width && value >> (8U * width) == 0;
}

// Checks the tests of a component, and drops what receivers must ignore.
template <typename Test>
bool tidy_tests(std::vector<Test>& tests, std::uint64_t kept) {
  if (tests.empty()) return false;
  tests.front().join = FlowSpecJoin::kOr;
  for (Test& test : tests) {
    if (!fits(test.value, test.width)) return false;
    test.value &= kept;
  }
  return true;
}

// RFC 8956 §3.1: without a length, or offset < length.
bool tidy_prefix(FlowSpecPrefix& value, net::Family family) {
  const net::Prefix& prefix = value.prefix;
  if (prefix.family() != family) return false;
  if (value.offset == 0) return true;
  if (family == net::Family::kIpv4 || value.offset >= prefix.length()) return false;
  net::AddressBits bits = net::AddressBits::of(prefix.address());
  const net::AddressBits before = bits.masked(value.offset);
  bits.high ^= before.high;
  bits.low ^= before.low;
  value.prefix = *net::Prefix::containing(bits.to_address(family), prefix.length());
  return true;
}

std::optional<FlowSpecError> tidy(FlowSpecComponent& component, net::Family family) {
  if (is_prefix(component.type)) {
    auto* const prefix = std::get_if<FlowSpecPrefix>(&component.value);
    const bool good = prefix != nullptr && tidy_prefix(*prefix, family);
    return good ? std::nullopt : std::optional(FlowSpecError::kPrefix);
  }
  bool good = false;
  if (is_bitmask(component.type)) {
    auto* const bits = std::get_if<Bits>(&component.value);
    const bool fragment = component.type == FlowSpecType::kFragment;
    good = bits != nullptr && tidy_tests(*bits, fragment ? kFragmentBits : ~std::uint64_t{0});
  } else {
    auto* const numbers = std::get_if<Numbers>(&component.value);
    const bool dscp = component.type == FlowSpecType::kDscp;
    good = numbers != nullptr && tidy_tests(*numbers, dscp ? kDscpBits : ~std::uint64_t{0});
  }
  return good ? std::nullopt : std::optional(FlowSpecError::kValue);
}

template <typename Test>
std::size_t tests_size(const std::vector<Test>& tests) {
  std::size_t size = 0;
  for (const Test& test : tests) size += 1U + test.width;
  return size;
}

std::string text_of(const FlowSpecPrefix& value) {
  const std::string prefix = value.prefix.to_string();
  return value.offset == 0 ? prefix : fmt::format("{} offset {}", prefix, value.offset);
}

std::string text_of(const Numbers& numbers) {
  std::string text;
  for (const FlowSpecNumber& number : numbers) {
    if (!text.empty()) text += number.join == FlowSpecJoin::kAnd ? '&' : '|';
    text += kRelations.at(static_cast<std::size_t>(number.relation));
    text += std::to_string(number.value);
  }
  return text;
}

// "SYN,ACK"; bits without a name as one number.
std::string bit_names(std::uint64_t value, std::span<const std::string_view> names) {
  std::string text;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((value >> bit & 1U) == 0) continue;
    if (!text.empty()) text += ',';
    text += names[bit];
  }
  const std::uint64_t rest = value >> names.size() << names.size();
  if (rest != 0) text += fmt::format("{}{:#x}", text.empty() ? "" : ",", rest);
  return text;
}

std::string text_of(const Bits& tests, std::span<const std::string_view> names) {
  std::string text;
  for (const FlowSpecBits& bits : tests) {
    if (!text.empty()) text += bits.join == FlowSpecJoin::kAnd ? '&' : '|';
    text += fmt::format("{}({})", kBitTests.at(static_cast<std::size_t>(bits.test)),
                        bit_names(bits.value, names));
  }
  return text;
}

std::string text_of(const FlowSpecComponent& component) {
  if (const auto* const prefix = std::get_if<FlowSpecPrefix>(&component.value)) {
    return text_of(*prefix);
  }
  if (const auto* const numbers = std::get_if<Numbers>(&component.value)) return text_of(*numbers);
  const bool tcp = component.type == FlowSpecType::kTcpFlags;
  const std::span<const std::string_view> names =
      tcp ? std::span<const std::string_view>(kTcpFlagNames)
          : std::span<const std::string_view>(kFragmentNames);
  return text_of(std::get<Bits>(component.value), names);
}

constexpr std::array<std::string_view, 7> kErrors{
    "empty, would match every packet", "ends within a component",
    "unknown component type",          "component types not in ascending order",
    "prefix length or offset",         "value does not fit its component",
    "longer than an NLRI can be"};

}  // namespace

std::string_view name(FlowSpecType type) {
  return kNames.at(static_cast<std::size_t>(type));
}

std::size_t encoded_size(const FlowSpecComponent& component) {
  if (const auto* const value = std::get_if<FlowSpecPrefix>(&component.value)) {
    const std::size_t pattern = (value->prefix.length() - value->offset + 7U) / 8U;
    const bool has_offset = value->prefix.family() == net::Family::kIpv6;
    return (has_offset ? 3U : 2U) + pattern;
  }
  if (const auto* const numbers = std::get_if<Numbers>(&component.value)) {
    return 1 + tests_size(*numbers);
  }
  return 1 + tests_size(std::get<Bits>(component.value));
}

bool is_known_flowspec_type(std::uint8_t code, net::Family family) {
  const auto last =
      family == net::Family::kIpv6 ? FlowSpecType::kFlowLabel : FlowSpecType::kFragment;
  return code >= static_cast<std::uint8_t>(FlowSpecType::kDestination) &&
         code <= static_cast<std::uint8_t>(last);
}

bool is_prefix(FlowSpecType type) {
  return type == FlowSpecType::kDestination || type == FlowSpecType::kSource;
}

bool is_bitmask(FlowSpecType type) {
  return type == FlowSpecType::kTcpFlags || type == FlowSpecType::kFragment;
}

std::string_view describe(FlowSpecError error) {
  return kErrors.at(static_cast<std::size_t>(error));
}

Result<FlowSpecRule, FlowSpecError> FlowSpecRule::create(
    net::Family family, std::vector<FlowSpecComponent> components) {
  if (components.empty()) return fail(FlowSpecError::kEmpty);
  std::size_t size = 0;
  std::uint8_t last = 0;
  for (FlowSpecComponent& component : components) {
    const auto code = static_cast<std::uint8_t>(component.type);
    if (!is_known_flowspec_type(code, family)) return fail(FlowSpecError::kUnknownType);
    if (code <= last) return fail(FlowSpecError::kTypeOrder);
    if (const auto wrong = tidy(component, family)) return fail(*wrong);
    last = code;
    size += encoded_size(component);
  }
  if (size > kMaxSize) return fail(FlowSpecError::kTooLong);
  return FlowSpecRule(family, std::move(components));
}

const FlowSpecComponent* FlowSpecRule::find(FlowSpecType type) const {
  const auto found = std::ranges::find(components_, type, &FlowSpecComponent::type);
  return found == components_.end() ? nullptr : &*found;
}

const FlowSpecPrefix* FlowSpecRule::destination() const {
  const FlowSpecComponent* const component = find(FlowSpecType::kDestination);
  return component == nullptr ? nullptr : std::get_if<FlowSpecPrefix>(&component->value);
}

std::string FlowSpecRule::to_string() const {
  std::string text;
  for (const FlowSpecComponent& component : components_) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", name(component.type), text_of(component));
  }
  return text;
}

}  // namespace fabrix::bgp
