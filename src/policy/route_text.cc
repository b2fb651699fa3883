#include "policy/route_text.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "net/ip_address.h"

namespace fabrix::policy {
namespace {

std::string_view name_of(RouteNumber of) {
  switch (of) {
    case RouteNumber::kPrefixLength:
      return "prefix_len";
    case RouteNumber::kPathLength:
      return "as_path_len";
    case RouteNumber::kOriginAs:
      return "origin_as";
    case RouteNumber::kNeighborAs:
      return "neighbor_as";
    case RouteNumber::kOrigin:
      return "origin";
    case RouteNumber::kMed:
      return "med";
    case RouteNumber::kRpki:
      return "rpki";
    case RouteNumber::kCommunity:
      return "community";
    case RouteNumber::kExtendedCommunity:
      return "ext_community";
    case RouteNumber::kAnnouncer:
      return "announcer";
  }
  return "";
}

std::string_view name_of(RouteText of) {
  switch (of) {
    case RouteText::kPath:
      return "as_path";
    case RouteText::kCommunity:
      return "community";
    case RouteText::kExtendedCommunity:
      return "ext_community";
    case RouteText::kLargeCommunity:
      return "large_community";
  }
  return "";
}

std::string value_text(RouteNumber of, std::uint64_t value) {
  constexpr std::array<std::string_view, 3> kOrigins{"igp", "egp", "incomplete"};
  constexpr std::array<std::string_view, 3> kStates{"valid", "invalid", "unknown"};
  if (of == RouteNumber::kOrigin && value < kOrigins.size()) return std::string(kOrigins.at(value));
  if (of == RouteNumber::kRpki && value < kStates.size()) return std::string(kStates.at(value));
  if (of == RouteNumber::kCommunity) {
    return net::to_string(net::Community{static_cast<std::uint32_t>(value)});
  }
  if (of == RouteNumber::kExtendedCommunity) {
    return "\"" + net::to_string(net::ExtendedCommunity{value}) + "\"";
  }
  return std::to_string(value);
}

// One value as it is, several in braces.
class List {
 public:
  void add(const std::string& member) {
    if (!members_.empty()) members_ += ", ";
    members_ += member;
    ++count_;
  }
  std::string text() const { return count_ == 1 ? members_ : "{" + members_ + "}"; }
  const std::string& members() const { return members_; }

 private:
  std::string members_;
  std::size_t count_ = 0;
};

net::IpAddress address(net::Family family, Uint128 value) {
  std::array<std::uint8_t, 16> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets.at(i) = static_cast<std::uint8_t>(value >> (8 * (15 - i)));
  }
  if (family == net::Family::kIpv6) return net::IpAddress::v6(octets);
  return net::IpAddress::v4({octets[12], octets[13], octets[14], octets[15]});
}

// The largest block that begins with `low` and does not pass `high`, and its last address.
std::pair<net::Prefix, Uint128> first_block(net::Family family, Uint128 low, Uint128 high) {
  const net::IpAddress first = address(family, low);
  for (unsigned length = 0;; ++length) {
    const auto prefix = net::Prefix::containing(first, length).value();
    const AddressSet whole = block(prefix);
    const Uint128 last = family == net::Family::kIpv4 ? whole.v4[0].high : whole.v6[0].high;
    if (prefix.address() == first && last <= high) return {prefix, last};
  }
}

// A range as blocks: at most two for each bit of an address.
void add_blocks(net::Family family, Uint128 low, Uint128 high, List& list) {
  while (true) {
    const auto [prefix, last] = first_block(family, low, high);
    list.add(prefix.to_string());
    if (last == high) return;
    low = last + 1;
  }
}

struct TextOf {
  std::string operator()(const RoutePrefixTest& test) const {
    List list;
    for (const Interval& each : test.set.v4) {
      add_blocks(net::Family::kIpv4, each.low, each.high, list);
    }
    for (const Range128& each : test.set.v6) {
      add_blocks(net::Family::kIpv6, each.low, each.high, list);
    }
    return "prefix in [" + list.members() + "]";
  }

  std::string operator()(const RouteNumberTest& test) const {
    List list;
    for (const Interval& each : test.intervals) {
      std::string text = value_text(test.of, each.low);
      if (each.low != each.high) text += ".." + value_text(test.of, each.high);
      list.add(text);
    }
    return std::string(name_of(test.of)) + "=" + list.text();
  }

  std::string operator()(const LargeCommunityTest& test) const {
    List list;
    for (const net::LargeCommunity& each : test.any) list.add(net::to_string(each));
    return "large_community=" + list.text();
  }

  std::string operator()(const RouteTextTest& test) const {
    return std::string(name_of(test.of)) + " =~ \"" + test.pattern->text() + "\"";
  }
};

}  // namespace

std::string text_of(const RouteTest& test) {
  return std::visit(TextOf{}, test);
}

}  // namespace fabrix::policy
