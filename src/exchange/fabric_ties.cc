#include "exchange/fabric_ties.h"

#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "exchange/config_value.h"
#include "exchange/topology.h"
#include "exchange/yaml.h"

namespace fabrix::exchange {
namespace {

std::optional<StreamAddress> read_database(YamlReader& reader, const YamlNode& node) {
  const auto text = reader.text(node, "where a database is");
  if (!text) return std::nullopt;
  if (auto server = parse_stream_address(*text)) return *std::move(server);
  reader.error(node.at, "C0114",
               fmt::format("{} is no server of switches' databases", quote(*text)),
               "write unix:PATH, such as unix:/run/openvswitch/db.sock, or tcp:ADDRESS:PORT");
  return std::nullopt;
}

const YamlNode* find(const YamlNode& node, std::string_view key) {
  return node.kind == YamlNode::Kind::kMap ? node.find(key) : nullptr;
}

// Of a router's or the route server's port.
void read_own(YamlReader& reader, const YamlNode& node, const std::string& name, FabricTies& ties) {
  const YamlNode* const given = find(node, "attach");
  const auto attach = given == nullptr ? std::nullopt : read_attach(reader, *given);
  if (attach) ties.own.emplace(name, *attach);
}

void read_routers(YamlReader& reader, const YamlNode& participant, FabricTies& ties) {
  const YamlNode* const routers = find(participant, "routers");
  if (routers == nullptr) return;
  for (const YamlNode& router : routers->items) {
    const YamlNode* const name = find(router, "name");
    if (name != nullptr) read_own(reader, router, name->scalar, ties);
  }
}

std::string own_text(const FabricTies& ties, const std::string& router) {
  const auto found = ties.own.find(router);
  return found == ties.own.end() ? "as the fabric's" : std::string(name_of(found->second));
}

std::string text(const std::vector<StreamAddress>& servers) {
  std::vector<std::string> words;
  words.reserve(servers.size());
  for (const StreamAddress& one : servers) words.push_back(to_string(one));
  return fmt::format("[{}]", fmt::join(words, ", "));
}

}  // namespace

std::string_view name_of(FabricAttach attach) {
  return attach == FabricAttach::kXdp ? "xdp" : "tc";
}

FabricAttach FabricTies::of(std::string_view router) const {
  const auto found = own.find(router);
  return found == own.end() ? attach : found->second;
}

std::optional<FabricAttach> read_attach(YamlReader& reader, const YamlNode& node) {
  return choice({FabricAttach::kTc, FabricAttach::kXdp})(reader, node);
}

void read_fabric_ties(YamlReader& reader, const YamlNode& node, FabricTies& ties) {
  read_into(reader, node.find("attach"), read_attach, ties.attach);
  const YamlNode* const list = node.find("ovsdb");
  if (list != nullptr) {
    for (const YamlNode& each : bounded_list(reader, *list, "databases", kMaxSwitches)) {
      if (auto one = read_database(reader, each)) ties.ovsdb.push_back(*std::move(one));
    }
  }
  const YamlNode* const flag = node.find("set_fail_mode");
  read_into(reader, flag, read_flag, ties.set_fail_mode);
  if (list != nullptr || !ties.set_fail_mode) return;
  reader.error(
      flag->at, "C0140", "set_fail_mode without ovsdb",
      "the fail mode is set in the databases of the switches: 'ovsdb' says where they are");
}

FabricTies fabric_ties_of(std::string_view text) {
  const auto root = parse_yaml(text, "");
  FabricTies ties;
  if (!root) return ties;
  YamlReader reader("");
  if (const YamlNode* const section = find(*root, "exchange")) {
    const YamlNode* const fabric = find(*section, "fabric");
    if (fabric != nullptr && fabric->kind == YamlNode::Kind::kMap) {
      read_fabric_ties(reader, *fabric, ties);
    }
    const YamlNode* const server = find(*section, "route_server");
    if (server != nullptr) read_own(reader, *server, "", ties);
  }
  if (const YamlNode* const participants = find(*root, "participants")) {
    for (const YamlNode& each : participants->items) read_routers(reader, each, ties);
  }
  return reader.has_errors() ? FabricTies{} : ties;
}

std::vector<Change> differences(const FabricTies& was, const FabricTies& is) {
  std::vector<Change> changes;
  const auto compare = [&changes](const std::string& subject, std::string_view key,
                                  const std::string& before, const std::string& now) {
    if (before != now) changes.push_back({subject, fmt::format("{} {} -> {}", key, before, now)});
  };
  compare("fabric", "attach", std::string(name_of(was.attach)), std::string(name_of(is.attach)));
  compare("fabric", "ovsdb", text(was.ovsdb), text(is.ovsdb));
  compare("fabric", "set_fail_mode", fmt::format("{}", was.set_fail_mode),
          fmt::format("{}", is.set_fail_mode));
  std::set<std::string> routers;
  for (const auto* const each : {&was, &is}) {
    for (const auto& [router, attach] : each->own) routers.insert(router);
  }
  for (const std::string& router : routers) {
    compare(router.empty() ? "route server" : "router " + router, "attach", own_text(was, router),
            own_text(is, router));
  }
  return changes;
}

}  // namespace fabrix::exchange
