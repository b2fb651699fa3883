#include "lab/definition.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/policy_words.h"
#include "exchange/yaml.h"
#include "exchange/yaml_reader.h"
#include "lab/steps.h"

namespace fabrix::lab {
namespace {

using exchange::YamlNode;
using exchange::YamlReader;

constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kMaxPrefixes = 1000;
constexpr std::size_t kLongestSwitch = 9;

constexpr std::size_t kMaxDrops = 100;

template <typename Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const Named& each : all) names.push_back(each.name);
  return names;
}

void check_version(YamlReader& reader, const YamlNode& root) {
  const YamlNode* const node = reader.require(root, "version");
  if (node == nullptr) return;
  const auto version = reader.number(*node, {.least = 0, .most = 1000});
  if (!version || *version == kVersion) return;
  reader.error(node->at, "L0101", fmt::format("unknown version {}", *version),
               fmt::format("this program reads version {}", kVersion));
}

void read_daemon(YamlReader& reader, const YamlNode& node, LabRouter& router) {
  const auto text = reader.text(node, "the name of a daemon");
  if (!text) return;
  const auto kind = parse_daemon_kind(*text);
  if (kind) {
    router.daemon = *kind;
    return;
  }
  static const std::vector<std::string> known{"bird", "frr", "openbgpd", "gobgp"};
  reader.error(node.at, "L0102", fmt::format("no daemon is called {}", exchange::quote(*text)),
               exchange::suggest_name(*text, known, "daemons"));
}

void read_originated(YamlReader& reader, const YamlNode& node, LabRouter& router) {
  const auto items = reader.list(node, "a list of prefixes");
  if (!items) return;
  for (const YamlNode& item : *items) {
    const auto prefix = exchange::read_prefix(reader, item);
    if (!prefix) continue;
    if (std::ranges::find(router.prefixes, *prefix) != router.prefixes.end()) {
      reader.error(item.at, "L0103", fmt::format("{} is there twice", prefix->to_string()));
    } else if (router.prefixes.size() == kMaxPrefixes) {
      reader.error(item.at, "L0104", fmt::format("more than {} prefixes", kMaxPrefixes));
      return;
    } else {
      router.prefixes.push_back(*prefix);
    }
  }
}

void read_router(YamlReader& reader, const YamlNode& node, LabRouter& router) {
  static const std::vector<std::string> keys{"daemon", "prefixes"};
  if (!reader.expect_map(node, keys)) return;
  if (const YamlNode* const daemon = node.find("daemon")) read_daemon(reader, *daemon, router);
  if (const YamlNode* const prefixes = node.find("prefixes")) {
    read_originated(reader, *prefixes, router);
  }
}

// RFC 8950: a router without an IPv4 address of its own has IPv4 routes over its IPv6 session.
void check_daemon(YamlReader& reader, const YamlNode& node, const Definition& lab,
                  const LabRouter& router) {
  const bool can = router.daemon == DaemonKind::kBird || router.daemon == DaemonKind::kFrr;
  const exchange::Router& site = *lab.exchange.find_router(router.name);
  const bool has_ipv4 = std::ranges::find(site.addresses, net::Family::kIpv4,
                                          &net::IpAddress::family) != site.addresses.end();
  const bool wants_ipv4 = std::ranges::find(router.prefixes, net::Family::kIpv4,
                                            &net::Prefix::family) != router.prefixes.end();
  const bool extended = lab.exchange.owner(site.id).session.extended_next_hop;
  if (has_ipv4 || !wants_ipv4 || (can && extended)) return;
  reader.error(node.at, "L0106",
               fmt::format("{} has IPv4 prefixes and no IPv4 address on the LAN", router.name),
               extended ? "bird and frr know IPv6 next hops of IPv4 routes"
                        : "with 'extended_next_hop: true' bird and frr can do without");
}

// A router that is not mentioned runs the default daemon and announces nothing.
void read_routers(YamlReader& reader, const YamlNode& node, Definition& lab) {
  if (!reader.expect_map(node, names_of(lab.routers))) return;
  for (LabRouter& router : lab.routers) {
    const YamlNode* const entry = node.find(router.name);
    if (entry == nullptr) continue;
    read_router(reader, *entry, router);
    check_daemon(reader, *entry, lab, router);
  }
}

// Names of routers become parts of names of namespaces, next to the lab's own two.
void check_names(YamlReader& reader, const YamlNode& root, const Definition& lab) {
  for (const exchange::Router& router : lab.exchange.routers) {
    if (router.name != "ix" && router.name != "rs") continue;
    reader.error(root.at, "L0105",
                 fmt::format("no router of a lab can be called '{}'", router.name),
                 "ix is the switch and rs the route server");
  }
}

// Names of switches become parts of names of interfaces: "sw-e1", "e1-65279".
void check_switches(YamlReader& reader, const YamlNode& root, const Definition& lab) {
  for (const exchange::SwitchSpec& spec : lab.exchange.fabric.topology.switches) {
    if (spec.name.size() <= kLongestSwitch) continue;
    reader.error(root.at, "L0120", fmt::format("no switch of a lab can be called '{}'", spec.name),
                 fmt::format("its name has at most {} characters", kLongestSwitch));
  }
}

// Each is to be one rule: what else nftables says of it, it says when the lab starts.
void read_drop(YamlReader& reader, const YamlNode& node, LabMiddlebox& middlebox) {
  const auto text = reader.text(node, "what nftables matches");
  if (!text) return;
  if (text->find_first_of("\n\r;#") != std::string::npos) {
    reader.error(node.at, "L0107", "a drop is one match of nftables", "such as \"tcp dport 23\"");
  } else if (middlebox.drops.size() == kMaxDrops) {
    reader.error(node.at, "L0108", fmt::format("more than {} drops", kMaxDrops));
  } else {
    middlebox.drops.push_back(*text);
  }
}

// A middlebox that is not mentioned returns everything.
void read_middleboxes(YamlReader& reader, const YamlNode& node, Definition& lab) {
  static const std::vector<std::string> keys{"drops"};
  if (!reader.expect_map(node, names_of(lab.middleboxes))) return;
  for (LabMiddlebox& middlebox : lab.middleboxes) {
    const YamlNode* const entry = node.find(middlebox.name);
    if (entry == nullptr || !reader.expect_map(*entry, keys)) continue;
    const YamlNode* const drops = entry->find("drops");
    if (drops == nullptr) continue;
    const auto items = reader.list(*drops, "a list of matches");
    if (!items) continue;
    for (const YamlNode& item : *items) read_drop(reader, item, middlebox);
  }
}

Definition read_all(YamlReader& reader, const YamlNode& root, exchange::Exchange exchange) {
  static const std::vector<std::string> keys{"version", "lab", "routers", "middleboxes", "steps"};
  static const std::vector<std::string> lab_keys{"description", "fabric"};
  Definition lab;
  lab.exchange = std::move(exchange);
  for (const exchange::Router& router : lab.exchange.routers) {
    if (router.middlebox) {
      lab.middleboxes.push_back({.name = router.name, .drops = {}});
    } else {
      lab.routers.push_back({.name = router.name, .daemon = DaemonKind::kBird, .prefixes = {}});
    }
  }
  if (!reader.expect_map(root, keys)) return lab;
  check_version(reader, root);
  check_names(reader, root, lab);
  check_switches(reader, root, lab);
  const YamlNode* const about = reader.require(root, "lab");
  if (about != nullptr && reader.expect_map(*about, lab_keys)) {
    const YamlNode* const description = reader.require(*about, "description");
    if (description != nullptr) {
      lab.description = reader.text(*description, "a line of text").value_or("");
    }
    exchange::read_into(
        reader, about->find("fabric"),
        exchange::choice({exchange::FabricType::kLinux, exchange::FabricType::kOpenFlow}),
        lab.fabric);
  }
  if (const YamlNode* const routers = reader.require(root, "routers")) {
    read_routers(reader, *routers, lab);
  }
  if (const YamlNode* const middleboxes = root.find("middleboxes")) {
    read_middleboxes(reader, *middleboxes, lab);
  }
  if (const YamlNode* const steps = root.find("steps")) read_steps(reader, *steps, lab);
  return lab;
}

}  // namespace

net::IpAddress host_address(const net::Prefix& prefix) {
  const unsigned width = net::width_of(prefix.family());
  const auto octets = prefix.address().octets();
  const unsigned last = prefix.length() < width ? 1U : 0U;
  const auto copy = [&](auto array) {
    std::ranges::copy(octets, array.begin());
    array.back() = static_cast<std::uint8_t>(array.back() | last);
    return array;
  };
  if (prefix.family() == net::Family::kIpv4) {
    return net::IpAddress::v4(copy(std::array<std::uint8_t, 4>{}));
  }
  return net::IpAddress::v6(copy(std::array<std::uint8_t, 16>{}));
}

bool LabRouter::owns(const net::IpAddress& address) const {
  return std::ranges::any_of(
      prefixes, [&](const net::Prefix& prefix) { return host_address(prefix) == address; });
}

std::vector<net::IpAddress> LabRouter::addresses(net::Family family) const {
  std::vector<net::IpAddress> all;
  for (const net::Prefix& prefix : prefixes) {
    if (prefix.family() == family) all.push_back(host_address(prefix));
  }
  return all;
}

const LabRouter* Definition::find_router(std::string_view name) const {
  const auto found = std::ranges::find(routers, name, &LabRouter::name);
  return found == routers.end() ? nullptr : &*found;
}

Result<Definition, std::vector<Diagnostic>> load_definition(std::string_view text,
                                                            std::string_view file,
                                                            exchange::Exchange exchange) {
  FABRIX_TRY(const YamlNode root, exchange::parse_yaml(text, file));
  YamlReader reader(file);
  Definition lab = read_all(reader, root, std::move(exchange));
  if (reader.has_errors()) return fail(reader.take_errors());
  return lab;
}

}  // namespace fabrix::lab
