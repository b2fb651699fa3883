#include "analyzer/flow_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "analyzer/json_fields.h"
#include "analyzer/route_json.h"
#include "base/number.h"
#include "bgp/flowspec_actions.h"
#include "bgp/flowspec_update.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using bgp::FlowSpecComponent;
using bgp::FlowSpecJoin;
using bgp::FlowSpecType;

struct Field {
  std::string_view key;
  FlowSpecType type;
  std::uint64_t largest = 0;  // of numbers
};

// In the order of their types.
constexpr std::array kFields{
    Field{"destination", FlowSpecType::kDestination},
    Field{"source", FlowSpecType::kSource},
    Field{"protocol", FlowSpecType::kProtocol, 255},
    Field{"port", FlowSpecType::kPort, 65535},
    Field{"destination-port", FlowSpecType::kDestinationPort, 65535},
    Field{"source-port", FlowSpecType::kSourcePort, 65535},
    Field{"icmp-type", FlowSpecType::kIcmpType, 255},
    Field{"icmp-code", FlowSpecType::kIcmpCode, 255},
    Field{"tcp-flags", FlowSpecType::kTcpFlags},
    Field{"packet-length", FlowSpecType::kPacketLength, 65535},
    Field{"dscp", FlowSpecType::kDscp, 63},
    Field{"fragment", FlowSpecType::kFragment},
    Field{"flow-label", FlowSpecType::kFlowLabel, 0xfffff},
};

constexpr std::string_view kTcpFlags = "FSRPAUEC";
constexpr std::string_view kFragments = "DIFL";

struct Test {
  FlowSpecJoin join = FlowSpecJoin::kOr;
  std::string_view text;
};

// Apart at '&' and '|' (or ',').
std::vector<Test> tests_of(std::string_view text) {
  std::vector<Test> tests;
  FlowSpecJoin join = FlowSpecJoin::kOr;
  while (true) {
    const std::size_t end = std::min(text.find_first_of("&|,"), text.size());
    tests.push_back({.join = join, .text = text.substr(0, end)});
    if (end == text.size()) return tests;
    join = text[end] == '&' ? FlowSpecJoin::kAnd : FlowSpecJoin::kOr;
    text.remove_prefix(end + 1);
  }
}

bool drop_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bgp::FlowSpecRelation take_relation(std::string_view& text) {
  using enum bgp::FlowSpecRelation;
  constexpr std::array<std::pair<std::string_view, bgp::FlowSpecRelation>, 6> kRelations{
      {{">=", kGreaterOrEqual},
       {"<=", kLessOrEqual},
       {"!=", kNotEqual},
       {">", kGreater},
       {"<", kLess},
       {"=", kEqual}}};
  for (const auto& [sign, relation] : kRelations) {
    if (drop_prefix(text, sign)) return relation;
  }
  return kEqual;
}

// RFC 8955 §4.2: as narrow as it goes.
std::uint8_t width_of(std::uint64_t value) {
  if (value <= 0xff) return 1;
  return value <= 0xffff ? 2 : 4;
}

Result<FlowSpecComponent::Numbers> numbers_in(const Field& field, std::string_view text) {
  FlowSpecComponent::Numbers numbers;
  for (Test test : tests_of(text)) {
    const auto relation = take_relation(test.text);
    const auto value = parse_number<std::uint64_t>(test.text);
    if (!value || *value > field.largest) {
      return fail(Error{fmt::format("'{}' has tests such as =7 or >=1&<=9, of numbers up to {}",
                                    field.key, field.largest)});
    }
    numbers.push_back(
        {.join = test.join, .relation = relation, .width = width_of(*value), .value = *value});
  }
  return numbers;
}

Result<FlowSpecComponent::Bits> bits_in(const Field& field, std::string_view text) {
  const std::string_view letters = field.type == FlowSpecType::kTcpFlags ? kTcpFlags : kFragments;
  FlowSpecComponent::Bits bits;
  for (Test test : tests_of(text)) {
    const bool is_not = drop_prefix(test.text, "!");
    const bool is_all = drop_prefix(test.text, "=");
    std::uint64_t value = 0;
    for (const char letter : test.text) {
      const std::size_t bit = letters.find(letter);
      if (bit == std::string_view::npos)
        value = ~std::uint64_t{0};
      else
        value |= std::uint64_t{1} << bit;
    }
    if (value == 0 || value > 0xff) {
      return fail(Error{fmt::format("'{}' has tests of the letters {}, such as ={}", field.key,
                                    letters, letters.substr(0, 2))});
    }
    using enum bgp::FlowSpecBitTest;
    const auto kind = is_not ? (is_all ? kNotAll : kNotAny) : (is_all ? kAll : kAny);
    bits.push_back({.join = test.join, .test = kind, .width = 1, .value = value});
  }
  return bits;
}

Result<FlowSpecComponent> component_of(const Field& field, const std::string& text) {
  FlowSpecComponent component{.type = field.type, .value = {}};
  if (bgp::is_prefix(field.type)) {
    FABRIX_TRY(const net::Prefix prefix, parse_prefix(text));
    component.value = bgp::FlowSpecPrefix{.prefix = prefix};
  } else if (bgp::is_bitmask(field.type)) {
    FABRIX_TRY(component.value, bits_in(field, text));
  } else {
    FABRIX_TRY(component.value, numbers_in(field, text));
  }
  return component;
}

// The family of its prefixes, or what `version` says; both must agree.
Result<net::Family> family_of(const json::object& match,
                              const std::vector<FlowSpecComponent>& components) {
  FABRIX_TRY(const auto version, text_in(match, "version"));
  if (version && *version != "4" && *version != "6") return fail(Error{"'version' is 4 or 6"});
  std::optional<net::Family> family;
  if (version) family = *version == "4" ? net::Family::kIpv4 : net::Family::kIpv6;
  for (const FlowSpecComponent& component : components) {
    const auto* const prefix = std::get_if<bgp::FlowSpecPrefix>(&component.value);
    if (prefix == nullptr) continue;
    if (family && *family != prefix->prefix.family()) {
      return fail(Error{"the prefixes, or 'version', are of different families"});
    }
    family = prefix->prefix.family();
  }
  return family.value_or(net::Family::kIpv4);
}

// RFC 2474, 2597, 3246, 8622.
std::optional<std::uint8_t> dscp_of(std::string_view text) {
  const auto digit = [&](std::size_t at, char from, char to) {
    return text.size() > at && text[at] >= from && text[at] <= to;
  };
  const auto value = [&](std::size_t at) { return static_cast<unsigned>(text[at] - '0'); };
  if (text == "be" || text == "df") return std::uint8_t{0};
  if (text == "le") return std::uint8_t{1};
  if (text == "ef") return std::uint8_t{46};
  if (text.size() == 3 && text.starts_with("cs") && digit(2, '0', '7')) {
    return static_cast<std::uint8_t>(8 * value(2));
  }
  if (text.size() == 4 && text.starts_with("af") && digit(2, '1', '4') && digit(3, '1', '3')) {
    return static_cast<std::uint8_t>(8 * value(2) + 2 * value(3));
  }
  const auto number = parse_number<std::uint64_t>(text);
  return number && *number < 64 ? std::optional(static_cast<std::uint8_t>(*number)) : std::nullopt;
}

constexpr std::uint32_t kHalf = 0xffff;
constexpr std::uint32_t kWhole = 0xffffffff;

std::uint32_t bits_of(const net::IpAddress& address) {
  std::uint32_t bits = 0;
  for (const std::uint8_t octet : address.octets()) bits = bits << 8U | octet;
  return bits;
}

std::optional<bgp::RedirectToTarget> target_of(bgp::RedirectToTarget::Kind kind,
                                               const std::string& text) {
  using enum bgp::RedirectToTarget::Kind;
  if (kind == kIpv4) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    const auto address = net::IpAddress::parse(text.substr(0, colon));
    const auto number = parse_number<std::uint64_t>(std::string_view(text).substr(colon + 1));
    if (!address || address->family() != net::Family::kIpv4 || !number || *number > kHalf) {
      return std::nullopt;
    }
    return bgp::RedirectToTarget{.kind = kind,
                                 .administrator = bits_of(*address),
                                 .number = static_cast<std::uint32_t>(*number)};
  }
  const std::array limits = kind == kAs2 ? std::array{kHalf, kWhole} : std::array{kWhole, kHalf};
  const auto numbers = numbers_of(text, limits);
  if (!numbers) return std::nullopt;
  return bgp::RedirectToTarget{
      .kind = kind, .administrator = (*numbers)[0], .number = (*numbers)[1]};
}

// What one key of `then` adds.
Result<void> read_rate(double rate, bgp::PathAttributes& attributes) {
  if (rate < 0 || rate > 1e15) return fail(Error{"'traffic-rate' is 0 or more"});
  attributes.extended_communities.push_back(
      bgp::encode_flowspec_action(bgp::TrafficRate{.limit = static_cast<float>(rate)}));
  return {};
}

Result<void> read_marking(const std::string& text, bgp::PathAttributes& attributes) {
  const auto dscp = dscp_of(text);
  if (!dscp) return fail(Error{"'traffic-marking' is 0 to 63, or a name such as ef or cs1"});
  attributes.extended_communities.push_back(
      bgp::encode_flowspec_action(bgp::TrafficMarking{.dscp = *dscp}));
  return {};
}

Result<void> read_redirect(std::string_view key, const std::string& text,
                           bgp::PathAttributes& attributes) {
  using enum bgp::RedirectToTarget::Kind;
  const auto kind = key == "redirect-as" ? kAs2 : (key == "redirect-as4" ? kAs4 : kIpv4);
  const auto target = target_of(kind, text);
  if (!target) {
    return fail(Error{
        fmt::format("'{}' is such as {}", key, kind == kIpv4 ? "192.0.2.1:666" : "65000:666")});
  }
  attributes.extended_communities.push_back(bgp::encode_flowspec_action(*target));
  return {};
}

// draft-ietf-idr-flowspec-redirect-ip: an IPv4 address, and nothing is copied.
Result<void> read_action_ip(const std::string& text, bgp::PathAttributes& attributes) {
  constexpr std::uint64_t kRedirectToIpv4 = 0x010c;
  const auto address = net::IpAddress::parse(text);
  if (!address || address->family() != net::Family::kIpv4) {
    return fail(Error{"'redirect-action-ip' is an IPv4 address"});
  }
  attributes.extended_communities.push_back(
      {kRedirectToIpv4 << 48U | std::uint64_t{bits_of(*address)} << 16U});
  return {};
}

Result<void> read_communities(const std::string& text, bgp::PathAttributes& attributes) {
  for (const std::string_view word : words_of(text)) {
    if (const auto pair = numbers_of(word, std::array{kHalf, kHalf})) {
      attributes.communities.push_back({(*pair)[0] << 16U | (*pair)[1]});
    } else if (const auto parts = numbers_of(word, std::array{0xffU, 0xffU, kWhole})) {
      attributes.extended_communities.push_back(
          {std::uint64_t{(*parts)[0]} << 56U | std::uint64_t{(*parts)[1]} << 48U | (*parts)[2]});
    } else {
      return fail(Error{fmt::format("'communities': {} is none: 65001:7 or 128:6:0", word)});
    }
  }
  return {};
}

// An announcement while it is read.
struct Then {
  bgp::PathAttributes attributes;
  std::optional<net::IpAddress> next_hop;
};

Result<void> read_next_hop(const std::string& text, Then& done) {
  done.next_hop = net::IpAddress::parse(text);
  if (!done.next_hop) return fail(Error{"'redirect-nexthop' is an address"});
  done.attributes.extended_communities.push_back({bgp::kRedirectToNextHop});
  return {};
}

Result<void> read_action(std::string_view key, const json::object& then, Then& done) {
  bgp::PathAttributes& attributes = done.attributes;
  if (key == "traffic-rate") {
    FABRIX_TRY(const auto rate, number_in(then, key));
    return read_rate(rate.value_or(0), attributes);
  }
  FABRIX_TRY(const auto text, text_in(then, key));
  if (key == "traffic-marking") return read_marking(text.value_or(""), attributes);
  if (key == "redirect-as" || key == "redirect-as4" || key == "redirect-ip") {
    return read_redirect(key, text.value_or(""), attributes);
  }
  if (key == "redirect-action-ip") return read_action_ip(text.value_or(""), attributes);
  if (key == "redirect-nexthop") return read_next_hop(text.value_or(""), done);
  if (key == "communities") return read_communities(text.value_or(""), attributes);
  return fail(Error{fmt::format("'{}' is nothing that can be done to a flow", key)});
}

}  // namespace

Result<bgp::FlowSpecRule> parse_match(const json::object& match) {
  for (const auto& [key, value] : match) {
    const bool is_known =
        std::ranges::find(kFields, std::string_view(key), &Field::key) != kFields.end();
    if (!is_known && key != "version") {
      return fail(Error{fmt::format("'{}' is nothing of a flow", std::string_view(key))});
    }
  }
  std::vector<FlowSpecComponent> components;
  for (const Field& field : kFields) {
    FABRIX_TRY(const auto text, text_in(match, field.key));
    if (!text) continue;
    FABRIX_TRY(auto component, component_of(field, *text));
    components.push_back(std::move(component));
  }
  FABRIX_TRY(const net::Family family, family_of(match, components));
  auto rule = bgp::FlowSpecRule::create(family, std::move(components));
  if (!rule) return fail(Error{std::string(describe(rule.error()))});
  return *std::move(rule);
}

Result<speaker::FlowAnnouncement> parse_then(const json::object& then) {
  Then done;
  for (const auto& [key, value] : then) {
    if (auto read = read_action(key, then, done); !read) return fail(read.error());
  }
  return speaker::FlowAnnouncement{
      .attributes = std::make_shared<const bgp::PathAttributes>(std::move(done.attributes)),
      .next_hop = done.next_hop};
}

}  // namespace fabrix::analyzer
