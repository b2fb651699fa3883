#include "exchange/interfaces.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/fabric_ties.h"
#include "exchange/policy_words.h"
#include "exchange/switch_reader.h"

namespace fabrix::exchange {
namespace {

constexpr std::size_t kLongestName = 15;  // IFNAMSIZ with its zero
constexpr std::string_view kNumber = "%d";
constexpr net::PortNo kWidestPort{65279};

bool is_allowed(char c) {
  return c != '/' && c != ':' && c != '\0' && std::isspace(static_cast<unsigned char>(c)) == 0;
}

std::optional<std::string> read_pattern(YamlReader& reader, const YamlNode& node) {
  auto text = reader.text(node, "the names of interfaces");
  if (!text || is_interface_pattern(*text)) return text;
  reader.error(node.at, "C0144", fmt::format("{} names no interfaces", quote(*text)),
               "write names with %d for the port's number, such as swp%d, at most 15 characters "
               "long");
  return std::nullopt;
}

std::optional<std::string> read_pins(YamlReader& reader, const YamlNode& node) {
  auto path = read_path(reader, node);
  if (!path || path->starts_with('/')) return path;
  reader.error(node.at, "C0145", fmt::format("{} is no absolute path", quote(*path)),
               "it is a directory of a BPF file system, such as /sys/fs/bpf/fabrix");
  return std::nullopt;
}

}  // namespace

bool is_interface_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name != "." && name != ".." &&
         std::ranges::all_of(name, is_allowed);
}

bool is_interface_pattern(std::string_view pattern) {
  const std::size_t at = pattern.find(kNumber);
  if (at == std::string_view::npos || pattern.find('%', at + 1) != std::string_view::npos) {
    return false;
  }
  return is_interface_name(interface_name(std::string(pattern), kWidestPort));
}

std::string interface_name(const std::string& pattern, net::PortNo port) {
  std::string name = pattern;
  return name.replace(name.find(kNumber), kNumber.size(), std::to_string(port.value));
}

void read_interface(YamlReader& reader, const YamlNode& node, Claims& claims,
                    std::string_view owner, std::string& to) {
  const auto text = reader.text(node, "the name of an interface");
  if (!text) return;
  if (!is_interface_name(*text)) {
    reader.error(node.at, "C0144", fmt::format("{} is no name of an interface", quote(*text)),
                 "it is 1 to 15 characters, none of them '/', ':' or white space");
    return;
  }
  claims.interface(*text, node.at, owner);
  to = *text;
}

void read_fabric(YamlReader& reader, const YamlNode& node, FabricSite& fabric) {
  static const std::vector<std::string> keys{"type",       "interfaces", "pins",
                                             "attach",     "switches",   "links",
                                             "generation", "ovsdb",      "set_fail_mode"};
  if (!reader.expect_map(node, keys)) return;
  read_into(reader, node.find("type"), choice({FabricType::kOpenFlow, FabricType::kLinux}),
            fabric.type);
  read_into(reader, node.find("interfaces"), read_pattern, fabric.interfaces);
  read_into(reader, node.find("pins"), read_pins, fabric.pins);
  fabric.topology = read_switches(reader, node);
  constexpr std::uint64_t kMostGeneration = std::numeric_limits<std::int64_t>::max();
  read_into(reader, node.find("generation"),
            whole_number<std::uint64_t>({.least = 1, .most = kMostGeneration}), fabric.generation);
  FabricTies ties;
  read_fabric_ties(reader, node, ties);
  for (const char* of_switches : {"switches", "generation", "ovsdb", "set_fail_mode"}) {
    const YamlNode* const given = node.find(of_switches);
    if (given == nullptr || fabric.type != FabricType::kLinux) continue;
    reader.error(given->at, "C0140", "a Linux fabric has no switches");
  }
}

Result<std::vector<PortInterface>, std::vector<Error>> interfaces_of(const Exchange& exchange) {
  std::vector<PortInterface> all;
  std::vector<Error> errors;
  std::map<std::string, std::string> owners;
  const auto add = [&](net::PortNo port, const std::string& own, const std::string& owner,
                       std::uint16_t vlan) {
    const std::string& pattern = exchange.fabric.interfaces;
    const std::string name = own.empty() && !pattern.empty() ? interface_name(pattern, port) : own;
    const auto [first, is_new] = owners.try_emplace(name, owner);
    if (name.empty()) {
      errors.push_back({fmt::format("port {} of {} has no interface", port.value, owner)});
    } else if (!is_new) {
      errors.push_back({fmt::format("the interface '{}' of {} is already that of {}", name, owner,
                                    first->second)});
    }
    all.push_back({.port = port, .interface = name, .vlan = vlan});
  };
  add(exchange.route_server.port, exchange.route_server.interface, "the route server", 0);
  for (const Router& router : exchange.routers) {
    const bool has_port = router.present && router.port != net::PortNo{};
    if (has_port) add(router.port, router.interface, "router " + router.name, router.vlan);
  }
  if (!errors.empty()) return fail(std::move(errors));
  return all;
}

}  // namespace fabrix::exchange
