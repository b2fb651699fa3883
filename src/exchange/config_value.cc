#include "exchange/config_value.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kLongestName = 32;
constexpr std::uint64_t kLastPort = 0xfeff;  // OpenFlow numbers special ports from 0xff00

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_name(std::string_view text) {
  return text.size() <= kLongestName && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

bool is_reserved(net::Asn asn) {
  return asn == net::kAsTrans || asn == net::kMaxTwoOctetAsn || asn.value == 0xffffffff;
}

// The fixed bits of a tag: see program/tag.h, whose floor is this one's.
bool looks_like_tag(net::MacAddress mac) {
  return mac.is_locally_administered() && !mac.is_multicast();
}

bool looks_like_control_tag(net::MacAddress mac) {
  return looks_like_tag(mac) && (mac.octets()[0] & 0xc0U) == 0xc0;
}

// Unicast and not zero.
std::optional<net::MacAddress> read_unicast_mac(YamlReader& reader, const YamlNode& node) {
  const auto text = reader.text(node, "a MAC address");
  if (!text) return std::nullopt;
  const auto mac = net::MacAddress::parse(*text);
  if (!mac) {
    reader.error(node.at, "C0114", fmt::format("{} is no MAC address", quote(*text)),
                 "write it as 08:00:27:89:3b:9f");
    return std::nullopt;
  }
  if (mac->is_multicast() || *mac == net::MacAddress()) {
    reader.error(node.at, "C0123", fmt::format("{} is no router's address", mac->to_string()),
                 "a router's address is unicast and not zero");
    return std::nullopt;
  }
  return mac;
}

// A whole number of at most `digits` digits.
std::optional<unsigned> small_number(std::string_view text, std::size_t digits) {
  return text.size() <= digits ? parse_number<unsigned>(text) : std::nullopt;
}

std::optional<std::pair<unsigned, unsigned>> written_bounds(const YamlNode& node) {
  std::string_view least;
  std::string_view most;
  if (node.kind == YamlNode::Kind::kList && node.items.size() == 2) {
    least = node.items[0].scalar;
    most = node.items[1].scalar;
  } else if (const std::size_t dots = node.scalar.find(".."); dots != std::string::npos) {
    least = std::string_view(node.scalar).substr(0, dots);
    most = std::string_view(node.scalar).substr(dots + 2);
  }
  const auto first = small_number(least, 3);
  const auto last = small_number(most, 3);
  if (!first || !last) return std::nullopt;
  return std::pair(*first, *last);
}

}  // namespace

// The address is all of the text, or what is before the last ':'; an IPv6 address with a port is in
// brackets (RFC 3986 §3.2.2).
std::optional<ServerAddress> parse_server(std::string_view text,
                                          std::optional<std::uint16_t> default_port) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.rfind(':');
  if (const auto bare = net::IpAddress::parse(text); bare && default_port) {
    return ServerAddress{*bare, *default_port};
  }
  if (end == std::string_view::npos) return std::nullopt;
  const auto address =
      net::IpAddress::parse(text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0)));
  const std::string_view rest = text.substr(bracketed ? end + 1 : end);
  if (!address || (address->family() == net::Family::kIpv6) != bracketed) return std::nullopt;
  if (rest.empty() && default_port) return ServerAddress{*address, *default_port};
  if (!rest.starts_with(':')) return std::nullopt;
  const auto port = small_number(rest.substr(1), 5);
  if (!port || *port == 0 || *port > 0xffff) return std::nullopt;
  return ServerAddress{*address, static_cast<std::uint16_t>(*port)};
}

std::optional<std::string> read_name(YamlReader& reader, const YamlNode& node) {
  auto text = reader.text(node, "a name");
  if (!text || is_name(*text)) return text;
  reader.error(
      node.at, "C0120", fmt::format("{} is no name", quote(*text)),
      fmt::format("a letter, then letters, digits, '_' and '-', at most {} in all", kLongestName));
  return std::nullopt;
}

std::optional<net::Asn> read_asn(YamlReader& reader, const YamlNode& node) {
  const auto number = reader.number(node, {.least = 1, .most = 0xffffffff});
  if (!number) return std::nullopt;
  const net::Asn asn{static_cast<std::uint32_t>(*number)};
  if (!is_reserved(asn)) return asn;
  reader.error(node.at, "C0122", fmt::format("AS number {} is reserved", asn.value),
               "private use has 64512 to 65534 and 4200000000 to 4294967294");
  return std::nullopt;
}

std::optional<net::IpAddress> read_address(YamlReader& reader, const YamlNode& node) {
  const auto text = reader.text(node, "an IP address");
  if (!text) return std::nullopt;
  const auto address = net::IpAddress::parse(*text);
  if (!address) {
    reader.error(node.at, "C0114", fmt::format("{} is no IPv4 or IPv6 address", quote(*text)));
  }
  return address;
}

std::optional<net::Prefix> read_prefix(YamlReader& reader, const YamlNode& node) {
  const auto text = reader.text(node, "a prefix");
  if (!text) return std::nullopt;
  const auto prefix = net::Prefix::parse(*text);
  if (prefix) return *prefix;
  reader.error(node.at, "C0114",
               fmt::format("{} is no prefix: {}", quote(*text), describe(prefix.error())),
               "write it as 172.0.0.0/16");
  return std::nullopt;
}

std::optional<net::MacAddress> read_router_mac(YamlReader& reader, const YamlNode& node) {
  const auto mac = read_unicast_mac(reader, node);
  if (!mac || !looks_like_tag(*mac)) return mac;
  reader.error(
      node.at, "C0123",
      fmt::format("{} is locally administered, which is reserved for tags", mac->to_string()),
      "use the router's burnt-in address");
  return std::nullopt;
}

std::optional<net::MacAddress> read_route_server_mac(YamlReader& reader, const YamlNode& node) {
  const auto mac = read_unicast_mac(reader, node);
  if (!mac || !looks_like_tag(*mac) || looks_like_control_tag(*mac)) return mac;
  reader.error(
      node.at, "C0123",
      fmt::format("{} is locally administered, which is reserved for tags", mac->to_string()),
      "leave the key out, or use a universally administered address");
  return std::nullopt;
}

std::optional<net::PortNo> read_port(YamlReader& reader, const YamlNode& node) {
  const auto number = reader.number(node, {.least = 1, .most = kLastPort});
  if (!number) return std::nullopt;
  return net::PortNo{static_cast<std::uint32_t>(*number)};
}

std::optional<LengthBounds> read_bounds(YamlReader& reader, const YamlNode& node,
                                        net::Family family) {
  const std::string width = std::to_string(net::width_of(family));
  const auto bounds = written_bounds(node);
  if (!bounds) {
    reader.wrong_type(node, "two lengths, the least and the most: 8..24 or [8, 24]");
    return std::nullopt;
  }
  const auto [least, most] = *bounds;
  if (least <= most && most <= net::width_of(family)) {
    return LengthBounds{static_cast<std::uint8_t>(least), static_cast<std::uint8_t>(most)};
  }
  reader.error(node.at, "C0117", fmt::format("no prefix has a length of {} to {}", least, most),
               fmt::format("lengths go from 0 to {}, the least first", width));
  return std::nullopt;
}

void read_bounds(YamlReader& reader, const YamlNode& node, LengthBounds& ipv4, LengthBounds& ipv6) {
  static const std::vector<std::string> keys{"ipv4", "ipv6"};
  if (!reader.expect_map(node, keys)) return;
  const auto of = [](net::Family family) {
    return [family](YamlReader& in, const YamlNode& at) { return read_bounds(in, at, family); };
  };
  read_into(reader, node.find("ipv4"), of(net::Family::kIpv4), ipv4);
  read_into(reader, node.find("ipv6"), of(net::Family::kIpv6), ipv6);
}

std::optional<ServerAddress> read_server(YamlReader& reader, const YamlNode& node,
                                         std::optional<std::uint16_t> default_port) {
  const auto text = reader.text(node, "an IP address and a TCP port");
  if (!text) return std::nullopt;
  if (const auto server = parse_server(*text, default_port)) return server;
  reader.error(node.at, "C0114", fmt::format("{} is no IP address and TCP port", quote(*text)),
               "write it as '192.0.2.1:3323' or '[2001:db8::1]:3323'");
  return std::nullopt;
}

std::optional<std::string> read_path(YamlReader& reader, const YamlNode& node) {
  return reader.text(node, "the name of a file");
}

std::span<const YamlNode> bounded_list(YamlReader& reader, const YamlNode& node,
                                       std::string_view what, std::size_t most) {
  const auto items = reader.list(node, fmt::format("a list of {}", what));
  if (!items) return {};
  if (items->size() <= most) return *items;
  reader.error((*items)[most].at, "C0136", fmt::format("more than {} {}", most, what));
  return items->first(most);
}

std::vector<net::Prefix> read_prefixes(YamlReader& reader, const YamlNode& node, std::size_t most) {
  std::vector<net::Prefix> prefixes;
  for (const YamlNode& item : bounded_list(reader, node, "prefixes", most)) {
    if (const auto prefix = read_prefix(reader, item)) prefixes.push_back(*prefix);
  }
  return prefixes;
}

std::vector<net::Asn> read_asns(YamlReader& reader, const YamlNode& node, std::size_t most) {
  std::vector<net::Asn> asns;
  for (const YamlNode& item : bounded_list(reader, node, "AS numbers", most)) {
    if (const auto asn = read_asn(reader, item)) asns.push_back(*asn);
  }
  std::sort(asns.begin(), asns.end());
  asns.erase(std::unique(asns.begin(), asns.end()), asns.end());
  return asns;
}

}  // namespace fabrix::exchange
