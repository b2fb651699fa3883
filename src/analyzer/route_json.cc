#include "analyzer/route_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "analyzer/json_fields.h"
#include "base/number.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

constexpr std::uint32_t kHalf = 0xffff;
constexpr std::uint32_t kWhole = 0xffffffff;
constexpr std::size_t kLongestText = 4096;

// A number in place of a text is one, too.
Result<std::string> text_at(const json::object& object, std::string_view key) {
  FABRIX_TRY(auto text, text_in(object, key));
  if (text && text->size() > kLongestText) {
    return fail(Error{fmt::format("'{}' has {} characters at most", key, kLongestText)});
  }
  return text.value_or("");
}

Result<std::optional<std::uint32_t>> number_at(const json::object& object, std::string_view key) {
  FABRIX_TRY(const auto number, number_in(object, key));
  if (!number) return std::optional<std::uint32_t>();
  if (*number < 0 || *number > kWhole) {
    return fail(Error{fmt::format("'{}' is 0 to 4294967295", key)});
  }
  return std::optional(static_cast<std::uint32_t>(*number));
}

Result<bgp::Origin> origin_at(const json::object& object) {
  FABRIX_TRY(std::string text, text_at(object, "origin"));
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  if (text.empty() || text == "IGP") return bgp::Origin::kIgp;
  if (text == "EGP") return bgp::Origin::kEgp;
  if (text == "INCOMPLETE") return bgp::Origin::kIncomplete;
  return fail(Error{"'origin' is IGP, EGP or INCOMPLETE"});
}

// "65001-65002-(65003-65004)": a set in parentheses.
Result<bgp::AsPath> path_at(const json::object& object) {
  using Kind = bgp::AsPathSegment::Kind;
  FABRIX_TRY(const std::string text, text_at(object, "aspath"));
  bgp::AsPath path;
  bool is_in_set = false;
  bool begins = true;  // a segment
  for (std::string_view word : words_of(text)) {
    if (word.starts_with('(')) {
      is_in_set = begins = true;
      word.remove_prefix(1);
    }
    const bool ends = is_in_set && word.ends_with(')');
    if (ends) word.remove_suffix(1);
    const auto asn = parse_number<std::uint32_t>(word);
    if (!asn || *asn == 0) return fail(Error{fmt::format("'aspath': {} is no AS number", word)});
    constexpr std::size_t kLongestSegment = 255;
    if (std::exchange(begins, false) || path.segments.back().asns.size() == kLongestSegment) {
      path.segments.push_back({.kind = is_in_set ? Kind::kSet : Kind::kSequence, .asns = {}});
    }
    path.segments.back().asns.push_back(net::Asn{*asn});
    if (ends) {
      is_in_set = false;
      begins = true;
    }
  }
  return path;
}

// Old scripts say "community".
Result<void> read_communities(const json::object& object, bgp::PathAttributes& attributes) {
  const char* const name = object.contains("communities") ? "communities" : "community";
  FABRIX_TRY(const std::string text, text_at(object, name));
  for (const std::string_view word : words_of(text)) {
    if (const auto pair = numbers_of(word, std::array{kHalf, kHalf})) {
      attributes.communities.push_back(bgp::community(static_cast<std::uint16_t>((*pair)[0]),
                                                      static_cast<std::uint16_t>((*pair)[1])));
    } else if (const auto large = numbers_of(word, std::array{kWhole, kWhole, kWhole})) {
      attributes.large_communities.push_back(
          {.global = (*large)[0], .local_1 = (*large)[1], .local_2 = (*large)[2]});
    } else {
      return fail(Error{fmt::format("'{}': {} is none: 65001:7 or 65001:7:8", name, word)});
    }
  }
  return {};
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kMarks = "-, ";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(kMarks); at != std::string_view::npos;
       at = text.find_first_not_of(kMarks, at)) {
    const std::size_t end = std::min(text.find_first_of(kMarks, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<std::vector<std::uint32_t>> numbers_of(std::string_view text,
                                                     std::span<const std::uint32_t> limits) {
  std::vector<std::uint32_t> numbers;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const std::size_t end = i + 1 < limits.size() ? text.find(':') : text.size();
    if (end == std::string_view::npos) return std::nullopt;
    const auto number = parse_number<std::uint32_t>(text.substr(0, end));
    if (!number || *number > limits[i]) return std::nullopt;
    numbers.push_back(*number);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return numbers;
}

Result<net::Prefix> parse_prefix(std::string_view text) {
  if (const auto address = net::IpAddress::parse(text)) {
    return *net::Prefix::containing(*address, net::width_of(address->family()));
  }
  const auto prefix = net::Prefix::parse(text);
  if (prefix) return *prefix;
  return fail(Error{fmt::format("'{}' is no prefix: {}", text, describe(prefix.error()))});
}

Result<PushedRoute> parse_route(const json::object& object) {
  PushedRoute pushed;
  bgp::PathAttributes attributes;
  FABRIX_TRY(const std::string prefix, text_at(object, "prefix"));
  FABRIX_TRY(pushed.prefix, parse_prefix(prefix));
  FABRIX_TRY(const std::string next_hop, text_at(object, "nexthop"));
  const auto address = net::IpAddress::parse(next_hop);
  if (!address) return fail(Error{"'nexthop' is an address"});
  pushed.route.next_hop = *address;
  FABRIX_TRY(attributes.origin, origin_at(object));
  FABRIX_TRY(attributes.as_path, path_at(object));
  FABRIX_TRY(attributes.med, number_at(object, "med"));
  FABRIX_TRY(attributes.local_pref, number_at(object, "localpref"));
  if (auto done = read_communities(object, attributes); !done) return fail(done.error());
  pushed.route.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
  return pushed;
}

}  // namespace fabrix::analyzer
