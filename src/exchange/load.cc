#include "exchange/load.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "exchange/claims.h"
#include "exchange/config_value.h"
#include "exchange/participants.h"
#include "exchange/yaml.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxPrefixes = 64;
constexpr net::PortNo kDefaultFabricPort{4094};
constexpr std::string_view kRouteServer = "the route server";

// A control tag: program/tag.h.
constexpr net::MacAddress kDefaultRouteServerMac({0xc2, 0x00, 0x00, 0x00, 0x0f, 0xfe});

std::vector<Diagnostic> too_long(std::string_view file) {
  YamlReader reader(file);
  reader.error({}, "C0105", fmt::format("longer than {} MiB", kMaxConfigSize >> 20U));
  return reader.take_errors();
}

void check_version(YamlReader& reader, const YamlNode& root) {
  const YamlNode* const node = reader.require(root, "version");
  if (node == nullptr) return;
  const auto version = reader.number(*node, {.least = 0, .most = 1000});
  if (!version || *version == kVersion) return;
  reader.error(node->at, "C0115", fmt::format("unknown version {}", *version),
               fmt::format("this program reads version {}", kVersion));
}

std::optional<net::IpAddress> read_router_id(YamlReader& reader, const YamlNode& node) {
  const auto address = read_address(reader, node);
  if (!address) return std::nullopt;
  const bool usable = address->family() == net::Family::kIpv4 &&
                      *address != net::IpAddress::unspecified(net::Family::kIpv4);
  if (usable) return address;
  reader.error(node.at, "C0114", "a router id is an IPv4 address other than 0.0.0.0");
  return std::nullopt;
}

LocatedPrefixes read_prefixes(YamlReader& reader, const YamlNode& node) {
  LocatedPrefixes prefixes;
  const auto items = reader.list(node, "a list of prefixes");
  if (!items) return prefixes;
  for (const YamlNode& item : *items) {
    if (prefixes.size() == kMaxPrefixes) {
      reader.error(item.at, "C0136", fmt::format("more than {} prefixes", kMaxPrefixes));
      break;
    }
    if (const auto prefix = read_prefix(reader, item)) prefixes.push_back({*prefix, item.at});
  }
  return prefixes;
}

std::vector<net::Prefix> values_of(const LocatedPrefixes& prefixes) {
  std::vector<net::Prefix> values;
  for (const auto& prefix : prefixes) values.push_back(prefix.value);
  return values;
}

void read_server_addresses(YamlReader& reader, const YamlNode& node, Claims& claims,
                           RouteServerSite& site) {
  const auto items = reader.list(node, "a list of IP addresses");
  if (!items) return;
  if (items->empty()) reader.error(node.at, "C0137", "the route server needs an address");
  for (const YamlNode& item : *items) {
    const auto address = read_address(reader, item);
    if (!address) continue;
    claims.address(*address, item.at, kRouteServer);
    site.addresses.push_back(*address);
  }
}

std::optional<std::uint16_t> read_tcp_port(YamlReader& reader, const YamlNode& node) {
  const auto number = reader.number(node, {.least = 1, .most = 65535});
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

void read_route_server(YamlReader& reader, const YamlNode& node, Claims& claims,
                       RouteServerSite& site) {
  static const std::vector<std::string> keys{"addresses", "port", "fabric_port", "mac"};
  if (!reader.expect_map(node, keys)) return;
  if (const YamlNode* const addresses = reader.require(node, "addresses")) {
    read_server_addresses(reader, *addresses, claims, site);
  }
  read_into(reader, node.find("port"), read_tcp_port, site.tcp_port);
  const YamlNode* const fabric_port = node.find("fabric_port");
  const YamlNode* const mac = node.find("mac");
  site.port = kDefaultFabricPort;
  site.mac = kDefaultRouteServerMac;
  read_into(reader, fabric_port, read_port, site.port);
  read_into(reader, mac, read_route_server_mac, site.mac);
  claims.port(site.port, fabric_port == nullptr ? node.at : fabric_port->at, kRouteServer);
  claims.mac(site.mac, mac == nullptr ? node.at : mac->at, kRouteServer);
}

// What of the section `exchange` other sections are checked against.
struct Lan {
  LocatedPrefixes prefixes;
  LocatedPrefixes virtual_next_hops;
};

Lan read_exchange(YamlReader& reader, const YamlNode& node, Claims& claims, Exchange& exchange) {
  static const std::vector<std::string> keys{
      "name", "asn", "router_id", "peering_lan", "virtual_next_hops", "route_server"};
  Lan lan;
  if (!reader.expect_map(node, keys)) return lan;
  read_into(reader, reader.require(node, "name"), read_name, exchange.name);
  read_into(reader, reader.require(node, "asn"), read_asn, exchange.asn);
  read_into(reader, reader.require(node, "router_id"), read_router_id, exchange.router_id);
  if (const YamlNode* const prefixes = reader.require(node, "peering_lan")) {
    lan.prefixes = read_prefixes(reader, *prefixes);
    const bool none = prefixes->kind == YamlNode::Kind::kList && prefixes->items.empty();
    if (none) reader.error(prefixes->at, "C0137", "the peering LAN needs a prefix");
  }
  if (const YamlNode* const ranges = node.find("virtual_next_hops")) {
    lan.virtual_next_hops = read_prefixes(reader, *ranges);
  }
  if (const YamlNode* const server = reader.require(node, "route_server")) {
    read_route_server(reader, *server, claims, exchange.route_server);
  }
  exchange.peering_lan = values_of(lan.prefixes);
  exchange.virtual_next_hops = values_of(lan.virtual_next_hops);
  return lan;
}

Exchange read_all(YamlReader& reader, const YamlNode& root) {
  static const std::vector<std::string> keys{"version", "exchange", "participants"};
  Exchange exchange;
  if (!reader.expect_map(root, keys)) return exchange;
  check_version(reader, root);
  Claims claims(reader);
  Lan lan;
  if (const YamlNode* const section = reader.require(root, "exchange")) {
    lan = read_exchange(reader, *section, claims, exchange);
  }
  if (const YamlNode* const participants = root.find("participants")) {
    read_participants(reader, *participants, claims, exchange);
  }
  // Without a LAN, which is reported already, every address would be outside.
  if (!lan.prefixes.empty()) claims.check_lan(lan.prefixes, lan.virtual_next_hops);
  return exchange;
}

}  // namespace

Result<Exchange, std::vector<Diagnostic>> load(std::string_view text, std::string_view file) {
  if (text.size() > kMaxConfigSize) return fail(too_long(file));
  FABRIX_TRY(const YamlNode root, parse_yaml(text, file));
  YamlReader reader(file);
  Exchange exchange = read_all(reader, root);
  if (reader.has_errors()) return fail(reader.take_errors());
  return exchange;
}

}  // namespace fabrix::exchange
