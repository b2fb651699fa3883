#include "exchange/active_route_reader.h"

#include <algorithm>
#include <utility>

#include "exchange/config_value.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint64_t kMaxRoutes = 1'000'000;
constexpr std::size_t kMaxNextHops = 256;
constexpr std::size_t kMaxAgents = 256;

std::optional<std::string> read_namespace(YamlReader& reader, const YamlNode& node) {
  return reader.text(node, "the name of a network namespace");
}

std::optional<KernelTable> read_kernel(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{"table", "protocol", "namespace"};
  KernelTable kernel;
  if (!reader.expect_map(node, keys)) return std::nullopt;
  // Tables 0 and 255, and protocols below 5, are the kernel's own.
  read_into(reader, node.find("table"), whole_number<std::uint32_t>({1, 0xffffffff}), kernel.table);
  read_into(reader, node.find("protocol"), whole_number<std::uint8_t>({5, 255}), kernel.protocol);
  read_into(reader, node.find("namespace"), read_namespace, kernel.network_namespace);
  return kernel;
}

void read_next_hop(YamlReader& reader, const YamlNode& node, ActiveRouteSite& site) {
  static const std::vector<std::string> keys{"from", "to"};
  if (!reader.expect_map(node, keys)) return;
  const YamlNode* const from = reader.require(node, "from");
  const YamlNode* const to = reader.require(node, "to");
  if (from == nullptr || to == nullptr) return;
  const auto told = read_address(reader, *from);
  const auto meant = read_address(reader, *to);
  if (!told || !meant) return;
  if (!site.next_hops.emplace(*told, *meant).second) {
    reader.error(from->at, "C0126", "the next hop is listed twice");
  }
}

void read_place(YamlReader& reader, const YamlNode& node, ActiveRouteSite& site) {
  const YamlNode* const kernel = node.find("kernel");
  const YamlNode* const bgp = node.find("bgp");
  read_into(reader, kernel, read_kernel, site.kernel);
  if (bgp != nullptr) site.bgp = read_address(reader, *bgp);
  if (kernel == nullptr && bgp == nullptr) {
    reader.error(node.at, "C0111", "'kernel' or 'bgp' is missing: where the routes are kept");
  } else if (kernel != nullptr && bgp != nullptr) {
    reader.error(bgp->at, "C0140", "routes are kept by 'kernel' or by 'bgp', not by both");
  } else if (bgp != nullptr && site.bgp == site.router) {
    reader.error(bgp->at, "C0140", "the router would be told routes of its own");
  }
}

std::optional<ActiveRouteSite> read_site(YamlReader& reader, const YamlNode& node) {
  static const std::vector<std::string> keys{
      "name",      "router", "agents",    "ipv4",      "ipv6",   "min_rate", "changes_per_second",
      "smoothing", "hold",   "advantage", "next_hops", "kernel", "bgp"};
  if (!reader.expect_map(node, keys)) return std::nullopt;
  const YamlNode* const name = reader.require(node, "name");
  const YamlNode* const router = reader.require(node, "router");
  if (name == nullptr || router == nullptr) return std::nullopt;
  ActiveRouteSite site;
  read_into(reader, name, read_name, site.name);
  read_into(reader, router, read_address, site.router);
  read_place(reader, node, site);
  const auto count = whole_number<std::size_t>({0, kMaxRoutes});
  const auto seconds = whole_number<std::uint32_t>({1, 3600});
  read_into(reader, node.find("ipv4"), count, site.ipv4);
  read_into(reader, node.find("ipv6"), count, site.ipv6);
  read_into(reader, node.find("min_rate"), whole_number<std::uint64_t>({0, 1'000'000'000'000}),
            site.min_rate);
  read_into(reader, node.find("changes_per_second"), whole_number<std::uint32_t>({1, 100'000}),
            site.changes_per_second);
  read_into(reader, node.find("smoothing"), seconds, site.smoothing_seconds);
  read_into(reader, node.find("hold"), seconds, site.hold_seconds);
  read_into(reader, node.find("advantage"), whole_number<std::uint32_t>({0, 1000}),
            site.advantage_percent);
  if (const YamlNode* const agents = node.find("agents")) {
    for (const YamlNode& item : bounded_list(reader, *agents, "agents", kMaxAgents)) {
      if (const auto agent = read_address(reader, item)) site.agents.push_back(*agent);
    }
  }
  if (const YamlNode* const hops = node.find("next_hops")) {
    for (const YamlNode& item : bounded_list(reader, *hops, "next hops", kMaxNextHops)) {
      read_next_hop(reader, item, site);
    }
  }
  if (node.find("ipv4") == nullptr && node.find("ipv6") == nullptr) {
    reader.error(node.at, "C0111",
                 "'ipv4' or 'ipv6' is missing: how many routes there is room for");
  }
  return site;
}

// Two that have something of their own in common would undo what the other one does.
void check_apart(YamlReader& reader, const YamlNode& node, const ActiveRouteSite& site,
                 const std::vector<ActiveRouteSite>& others) {
  if (std::ranges::find(others, site.name, &ActiveRouteSite::name) != others.end()) {
    reader.error(node.at, "C0121", "the name " + quote(site.name) + " is used twice");
  }
  if (std::ranges::find(others, site.router, &ActiveRouteSite::router) != others.end()) {
    reader.error(node.at, "C0126", "the router is listed twice");
  }
  const auto is_same = [&](const ActiveRouteSite& other) { return site.has_place_of(other); };
  if (std::ranges::any_of(others, is_same)) {
    reader.error(node.at, "C0140", "two keep their routes in one place");
  }
}

}  // namespace

std::vector<ActiveRouteSite> read_active_routes(YamlReader& reader, const YamlNode& node) {
  std::vector<ActiveRouteSite> sites;
  for (const YamlNode& item : bounded_list(reader, node, "active routes", kMaxActiveRouteSites)) {
    auto site = read_site(reader, item);
    if (!site) continue;
    check_apart(reader, item, *site, sites);
    sites.push_back(*std::move(site));
  }
  return sites;
}

Result<std::vector<ActiveRouteSite>, std::vector<Diagnostic>> load_active_routes(
    std::string_view text, std::string_view file) {
  FABRIX_TRY(const YamlNode root, parse_yaml(text, file));
  YamlReader reader(file);
  auto sites = read_active_routes(reader, root);
  if (reader.has_errors()) return fail(reader.take_errors());
  return sites;
}

}  // namespace fabrix::exchange
