#include "exchange/telemetry_reader.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/export_reader.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint16_t kSflowPort = 6343;  // IANA: sflow
constexpr std::uint16_t kRestPort = 8008;   // sFlow-RT's
constexpr std::uint16_t kDnsPort = 53;
constexpr std::size_t kMaxAgents = 32;
constexpr std::size_t kMaxDnsServers = 8;
constexpr NumberRange kThreads{.least = 1, .most = kMaxTelemetryThreads};

auto endpoint(std::uint16_t port) {
  return
      [port](YamlReader& reader, const YamlNode& node) { return read_server(reader, node, port); };
}

std::optional<TelemetryAgent> read_telemetry_agent(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"agent", "router", "switch"};
  if (!reader.expect_map(node, keys)) return std::nullopt;
  const YamlNode* const agent = reader.require(node, "agent");
  const YamlNode* const of_switch = node.find("switch");
  const YamlNode* const of = of_switch != nullptr ? of_switch : reader.require(node, "router");
  if (agent == nullptr || of == nullptr) return std::nullopt;
  if (of_switch != nullptr && node.find("router") != nullptr) {
    reader.error(node.at, "C0140", "the agent is a router's or a switch's, not both");
  }
  const auto address = read_address(reader, *agent);
  auto name = read_name(reader, *of);
  if (!address || !name) return std::nullopt;
  TelemetryAgent read{.address = *address};
  (of_switch != nullptr ? read.of_switch : read.router) = *std::move(name);
  return read;
}

std::vector<TelemetryAgent> read_telemetry_agents(YamlReader& reader, const YamlNode& node) {
  std::vector<TelemetryAgent> agents;
  for (const YamlNode& item : bounded_list(reader, node, "agents", kMaxAgents)) {
    auto agent = read_telemetry_agent(reader, item);
    if (!agent) continue;
    const bool is_twice =
        std::ranges::find(agents, agent->address, &TelemetryAgent::address) != agents.end();
    if (is_twice) reader.error(item.at, "C0126", "the agent is listed twice");
    agents.push_back(*std::move(agent));
  }
  return agents;
}

// Of an agent.
void check_name(YamlReader& reader, const YamlNode& agent, const std::string& key,
                const std::vector<std::string>& known) {
  const YamlNode* const name = agent.kind == YamlNode::Kind::kMap ? agent.find(key) : nullptr;
  if (name == nullptr || name->kind != YamlNode::Kind::kScalar) return;
  if (std::ranges::find(known, name->scalar) != known.end()) return;
  reader.error(name->at, "C0162", fmt::format("there is no {} {}", key, quote(name->scalar)),
               suggest_name(name->scalar, known, key == "router" ? "routers" : "switches"));
}

void read_dns(YamlReader& reader, const YamlNode& node, std::vector<ServerAddress>& out) {
  for (const YamlNode& item : bounded_list(reader, node, "DNS servers", kMaxDnsServers)) {
    if (const auto server = read_server(reader, item, kDnsPort)) out.push_back(*server);
  }
}

}  // namespace

TelemetrySite read_telemetry(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{
      "sflow", "rest", "exports",       "scripts", "agents", "country", "asn",
      "oui",   "dns",  "active_routes", "bgp",     "ca",     "threads"};
  TelemetrySite site;
  if (!reader.expect_map(node, keys)) return site;
  site.rest = {net::IpAddress::v4({127, 0, 0, 1}), kRestPort};
  read_into(reader, node.find("sflow"), endpoint(kSflowPort), site.sflow);
  read_into(reader, node.find("rest"), endpoint(kRestPort), site.rest);
  if (const YamlNode* const exports = node.find("exports")) {
    site.exports = read_exports(reader, *exports);
  }
  read_into(reader, node.find("scripts"), read_scripts, site.scripts);
  if (const YamlNode* const agents = node.find("agents")) {
    site.agents = read_telemetry_agents(reader, *agents);
  }
  read_into(reader, node.find("country"), read_path, site.country);
  read_into(reader, node.find("asn"), read_path, site.asn);
  read_into(reader, node.find("oui"), read_path, site.oui);
  read_into(reader, node.find("ca"), read_path, site.ca);
  if (const YamlNode* const dns = node.find("dns")) read_dns(reader, *dns, site.dns);
  if (const YamlNode* const active = node.find("active_routes")) {
    site.active_routes = read_active_routes(reader, *active);
  }
  read_into(reader, node.find("bgp"), read_bgp, site.bgp);
  read_into(reader, node.find("threads"), whole_number<std::size_t>(kThreads), site.threads);
  return site;
}

void check_telemetry(YamlReader& reader, const YamlNode& node, const Exchange& exchange) {
  const YamlNode* const agents = node.kind == YamlNode::Kind::kMap ? node.find("agents") : nullptr;
  if (agents == nullptr || agents->kind != YamlNode::Kind::kList) return;
  std::vector<std::string> routers;
  for (const Router& router : exchange.routers) {
    if (!router.middlebox) routers.push_back(router.name);
  }
  std::vector<std::string> switches;
  for (const SwitchSpec& each : exchange.fabric.topology.switches) switches.push_back(each.name);
  for (const YamlNode& item : agents->items) {
    check_name(reader, item, "router", routers);
    check_name(reader, item, "switch", switches);
  }
}

TelemetrySite telemetry_of(std::string_view text) {
  const auto root = parse_yaml(text, "");
  if (!root || root->kind != YamlNode::Kind::kMap) return {};
  const YamlNode* const section = root->find("exchange");
  if (section == nullptr || section->kind != YamlNode::Kind::kMap) return {};
  const YamlNode* const node = section->find("telemetry");
  if (node == nullptr) return {};
  YamlReader reader("");
  const TelemetrySite site = read_telemetry(reader, *node);
  return reader.has_errors() ? TelemetrySite{} : site;
}

}  // namespace fabrix::exchange
