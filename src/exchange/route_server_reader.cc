#include "exchange/route_server_reader.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/config_value.h"
#include "exchange/fabric_ties.h"
#include "exchange/interfaces.h"
#include "exchange/policy_words.h"

namespace fabrix::exchange {
namespace {

constexpr net::PortNo kDefaultFabricPort{4094};
constexpr std::string_view kRouteServer = "the route server";

// A control tag: program/tag.h.
constexpr net::MacAddress kDefaultRouteServerMac({0xc2, 0x00, 0x00, 0x00, 0x0f, 0xfe});

constexpr std::size_t kMaxServers = 16;            // of a kind
constexpr std::uint16_t kRtrPort = 323;            // IANA: rpki-rtr
constexpr std::uint16_t kHttpPort = 29184;         // where birdwatcher answers
constexpr std::uint64_t kMaxInterval = 86'400;     // a day, in seconds
constexpr std::uint64_t kMaxFlowSpecRules = 4096;  // more than switches have room for

void read_addresses(YamlReader& reader, const YamlNode& node, Claims& claims,
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

void read_attachment(YamlReader& reader, const YamlNode& node, Claims& claims,
                     RouteServerSite& site) {
  if (const YamlNode* const addresses = reader.require(node, "addresses")) {
    read_addresses(reader, *addresses, claims, site);
  }
  const auto tcp_port = whole_number<std::uint16_t>({.least = 1, .most = 65535});
  read_into(reader, node.find("port"), tcp_port, site.tcp_port);
  const YamlNode* const fabric_port = node.find("fabric_port");
  const YamlNode* const mac = node.find("mac");
  site.port = kDefaultFabricPort;
  site.mac = kDefaultRouteServerMac;
  read_into(reader, fabric_port, read_port, site.port);
  read_into(reader, mac, read_route_server_mac, site.mac);
  claims.port(site.port, fabric_port == nullptr ? node.at : fabric_port->at, kRouteServer);
  claims.mac(site.mac, mac == nullptr ? node.at : mac->at, kRouteServer);
  if (const YamlNode* const interface = node.find("interface")) {
    read_interface(reader, *interface, claims, kRouteServer, site.interface);
  }
  if (const YamlNode* const attach = node.find("attach")) (void)read_attach(reader, *attach);
}

auto servers(std::optional<std::uint16_t> default_port) {
  return [default_port](YamlReader& reader,
                        const YamlNode& node) -> std::optional<std::vector<ServerAddress>> {
    std::vector<ServerAddress> all;
    for (const YamlNode& item : bounded_list(reader, node, "servers", kMaxServers)) {
      if (const auto one = read_server(reader, item, default_port)) all.push_back(*one);
    }
    return all;
  };
}

void read_rpki(YamlReader& reader, const YamlNode& node, RpkiSources& rpki) {
  static const std::vector<std::string> keys{"caches", "vrps_file", "slurm_file"};
  if (!reader.expect_map(node, keys)) return;
  read_into(reader, node.find("caches"), servers(kRtrPort), rpki.caches);
  read_into(reader, node.find("vrps_file"), read_path, rpki.vrps_file);
  read_into(reader, node.find("slurm_file"), read_path, rpki.slurm_file);
}

void read_flowspec(YamlReader& reader, const YamlNode& node, RouteServerSite& site) {
  static const std::vector<std::string> keys{"announce_to", "max_rules"};
  if (!reader.expect_map(node, keys)) return;
  read_into(reader, node.find("announce_to"),
            choice({FlowSpecScope::kNobody, FlowSpecScope::kEveryone}), site.flowspec);
  read_into(reader, node.find("max_rules"),
            whole_number<std::uint32_t>({.least = 0, .most = kMaxFlowSpecRules}),
            site.flowspec_rules);
}

void read_mrt(YamlReader& reader, const YamlNode& node, MonitoringSite& monitoring) {
  static const std::vector<std::string> keys{"directory", "table_interval", "updates_interval"};
  if (!reader.expect_map(node, keys)) return;
  const auto interval = whole_number<std::uint32_t>({.least = 10, .most = kMaxInterval});
  read_into(reader, reader.require(node, "directory"), read_path, monitoring.mrt_directory);
  read_into(reader, node.find("table_interval"), interval, monitoring.mrt_table_seconds);
  read_into(reader, node.find("updates_interval"), interval, monitoring.mrt_updates_seconds);
}

void read_monitoring(YamlReader& reader, const YamlNode& node, MonitoringSite& monitoring) {
  static const std::vector<std::string> keys{"http", "bmp", "mrt"};
  if (!reader.expect_map(node, keys)) return;
  if (const YamlNode* const http = node.find("http")) {
    if (const auto server = read_server(reader, *http, kHttpPort)) {
      monitoring.http_address = server->address;
      monitoring.http_port = server->port;
    }
  }
  read_into(reader, node.find("bmp"), servers(std::nullopt), monitoring.bmp_collectors);
  if (const YamlNode* const mrt = node.find("mrt")) read_mrt(reader, *mrt, monitoring);
}

void read_defaults(YamlReader& reader, const YamlNode& node, RouteServerSite& site,
                   Defaults& defaults) {
  site.preset = PolicyPreset::kNone;
  read_into(reader, node.find("policy"),
            choice({PolicyPreset::kMinimal, PolicyPreset::kIxp, PolicyPreset::kStrict}),
            site.preset);
  defaults.import.policy = preset(site.preset);
  if (const YamlNode* const session = node.find("session")) {
    read_session(reader, *session, defaults.secrets, defaults.session);
  }
  if (const YamlNode* const import = node.find("import")) {
    read_import(reader, *import, ImportOwner::kExchange, defaults.import);
  }
  site.session = defaults.session;
  site.import = defaults.import.resolved();
}

}  // namespace

void read_route_server(YamlReader& reader, const YamlNode& node, Claims& claims,
                       RouteServerSite& site, Defaults& defaults) {
  static const std::vector<std::string> keys{
      "addresses", "port",   "fabric_port", "mac",      "interface",  "attach",           "policy",
      "session",   "import", "rpki",        "flowspec", "monitoring", "dynamic_neighbors"};
  defaults.import.policy = preset(site.preset);
  if (!reader.expect_map(node, keys)) return;
  read_attachment(reader, node, claims, site);
  read_defaults(reader, node, site, defaults);
  if (const YamlNode* const rpki = node.find("rpki")) read_rpki(reader, *rpki, site.rpki);
  if (const YamlNode* const flowspec = node.find("flowspec")) {
    read_flowspec(reader, *flowspec, site);
  }
  if (const YamlNode* const monitoring = node.find("monitoring")) {
    read_monitoring(reader, *monitoring, site.monitoring);
  }
}

}  // namespace fabrix::exchange
