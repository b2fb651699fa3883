#include "exchange/load.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "exchange/claims.h"
#include "exchange/config_value.h"
#include "exchange/dynamic_reader.h"
#include "exchange/interfaces.h"
#include "exchange/participants.h"
#include "exchange/port_locks.h"
#include "exchange/route_server_reader.h"
#include "exchange/sflow_reader.h"
#include "exchange/source_rule_reader.h"
#include "exchange/telemetry_reader.h"
#include "exchange/yaml.h"
#include "exchange/yaml_reader.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxPrefixes = 64;
constexpr std::uint64_t kMostFsmInstances = 65'536;

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

LocatedPrefixes read_lan_prefixes(YamlReader& reader, const YamlNode& node) {
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

// What of the section `exchange` other sections are checked against.
struct Lan {
  LocatedPrefixes prefixes;
  LocatedPrefixes virtual_next_hops;
};

Lan read_exchange(YamlReader& reader, const YamlNode& node, Claims& claims, Exchange& exchange,
                  Defaults& defaults) {
  static const std::vector<std::string> keys{
      "name",       "asn",    "router_id",     "peering_lan", "virtual_next_hops", "fsm_instances",
      "arp_sponge", "fabric", "port_security", "sflow",       "telemetry",         "route_server"};
  Lan lan;
  if (!reader.expect_map(node, keys)) return lan;
  read_into(reader, reader.require(node, "name"), read_name, exchange.name);
  read_into(reader, reader.require(node, "asn"), read_asn, exchange.asn);
  read_into(reader, reader.require(node, "router_id"), read_router_id, exchange.router_id);
  if (const YamlNode* const prefixes = reader.require(node, "peering_lan")) {
    lan.prefixes = read_lan_prefixes(reader, *prefixes);
    const bool none = prefixes->kind == YamlNode::Kind::kList && prefixes->items.empty();
    if (none) reader.error(prefixes->at, "C0137", "the peering LAN needs a prefix");
  }
  if (const YamlNode* const ranges = node.find("virtual_next_hops")) {
    lan.virtual_next_hops = read_lan_prefixes(reader, *ranges);
  }
  read_into(reader, node.find("fsm_instances"),
            whole_number<std::uint32_t>({.least = 1, .most = kMostFsmInstances}),
            exchange.fsm_instances);
  read_into(reader, node.find("arp_sponge"), read_flag, exchange.arp_sponge);
  if (const YamlNode* const fabric = node.find("fabric")) {
    read_fabric(reader, *fabric, exchange.fabric);
  }
  if (const YamlNode* const sflow = node.find("sflow")) read_sflow(reader, *sflow, exchange.sflow);
  if (const YamlNode* const security = node.find("port_security")) {
    MacLock lock;
    read_port_security(reader, *security, lock);
    read_source_rule(reader, *security, exchange.sources);
  }
  if (const YamlNode* const telemetry = node.find("telemetry")) {
    read_telemetry(reader, *telemetry);
  }
  if (const YamlNode* const server = reader.require(node, "route_server")) {
    read_route_server(reader, *server, claims, exchange.route_server, defaults);
  }
  exchange.peering_lan = values_of(lan.prefixes);
  exchange.virtual_next_hops = values_of(lan.virtual_next_hops);
  return lan;
}

// None if one of the keys on the way to it is not there.
const YamlNode* find_node(const YamlNode& root, std::initializer_list<std::string_view> keys) {
  const YamlNode* node = &root;
  for (const auto key : keys) {
    if (node == nullptr || node->kind != YamlNode::Kind::kMap) return nullptr;
    node = node->find(key);
  }
  return node;
}

Exchange read_all(YamlReader& reader, const YamlNode& root, const SecretReader& secrets) {
  static const std::vector<std::string> keys{"version", "exchange", "participants"};
  Exchange exchange;
  if (!reader.expect_map(root, keys)) return exchange;
  check_version(reader, root);
  Claims claims(reader);
  Defaults defaults{.session = {}, .import = {}, .secrets = secrets};
  Lan lan;
  if (const YamlNode* const section = reader.require(root, "exchange")) {
    lan = read_exchange(reader, *section, claims, exchange, defaults);
  }
  if (const YamlNode* const participants = root.find("participants")) {
    read_participants(reader, *participants, claims, defaults, exchange);
  }
  // What is read over participants, whose names and addresses go before it.
  if (const YamlNode* const ranges =
          find_node(root, {"exchange", "route_server", "dynamic_neighbors"})) {
    read_dynamic_neighbors(reader, *ranges, defaults, exchange);
  }
  if (const YamlNode* const telemetry = find_node(root, {"exchange", "telemetry"})) {
    check_telemetry(reader, *telemetry, exchange);
  }
  claims.check_interfaces(exchange);
  claims.check_switches(exchange.fabric.topology);
  // Without a LAN, which is reported already, every address would be outside.
  if (!lan.prefixes.empty()) claims.check_lan(lan.prefixes, lan.virtual_next_hops);
  return exchange;
}

}  // namespace

Result<Exchange, std::vector<Diagnostic>> load(std::string_view text, std::string_view file,
                                               const SecretReader& secrets) {
  if (text.size() > kMaxConfigSize) return fail(too_long(file));
  FABRIX_TRY(const YamlNode root, parse_yaml(text, file));
  YamlReader reader(file);
  Exchange exchange = read_all(reader, root, secrets);
  if (reader.has_errors()) return fail(reader.take_errors());
  return exchange;
}

}  // namespace fabrix::exchange
