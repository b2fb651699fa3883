#include "exchange/config_value.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

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

}  // namespace

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

}  // namespace fabrix::exchange
