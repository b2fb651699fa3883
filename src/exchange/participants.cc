#include "exchange/participants.h"

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "exchange/config_value.h"
#include "exchange/fabric_ties.h"
#include "exchange/interfaces.h"
#include "exchange/port_locks.h"
#include "exchange/sflow_reader.h"
#include "exchange/source_rule_reader.h"

namespace fabrix::exchange {
namespace {

using Kind = YamlNode::Kind;

// Everything that reading a participant needs.
struct Context {
  YamlReader& reader;
  Claims& claims;
  const Defaults& defaults;
  Exchange& exchange;
};

// A list of maps; nothing counts as an empty one.
std::span<const YamlNode> read_list(YamlReader& reader, const YamlNode* node,
                                    std::string_view expected) {
  if (node == nullptr || node->kind == Kind::kNull) return {};
  if (node->kind == Kind::kList) return node->items;
  reader.wrong_type(*node, expected);
  return {};
}

// Whether one more fits into a collection of `size`; reports the first that does not.
bool has_room(YamlReader& reader, const YamlNode& node, std::size_t size, std::size_t most) {
  if (size < most) return true;
  reader.error(node.at, "C0136", fmt::format("more than {} of these", most));
  return false;
}

void read_addresses(const Context& in, const YamlNode& node, const std::string& owner,
                    Router& router) {
  const auto items = in.reader.list(node, "a list of IP addresses");
  if (!items) return;
  if (items->empty()) in.reader.error(node.at, "C0137", "a router needs an address");
  for (const YamlNode& item : *items) {
    const auto address = read_address(in.reader, item);
    if (!address) continue;
    in.claims.address(*address, item.at, owner);
    router.addresses.push_back(*address);
  }
}

// What makes a port a router's.
void read_attachment(const Context& in, const YamlNode& node, const std::string& owner,
                     Router& router) {
  if (const YamlNode* const mac = in.reader.require(node, "mac")) {
    if (const auto value = read_router_mac(in.reader, *mac)) {
      in.claims.mac(*value, mac->at, owner);
      router.mac = *value;
    }
  }
  if (const YamlNode* const addresses = in.reader.require(node, "addresses")) {
    read_addresses(in, *addresses, owner, router);
  }
}

void refuse_attachment(const Context& in, const YamlNode& node) {
  for (const char* const key : {"mac", "addresses"}) {
    const YamlNode* const given = node.find(key);
    if (given == nullptr) continue;
    in.reader.error(given->at, "C0141",
                    fmt::format("a middlebox port has no '{}': it returns frames as they are", key),
                    "a router has a port of its own");
  }
}

void read_router(const Context& in, const YamlNode& node, Participant& participant) {
  static const std::vector<std::string> keys{"name",          "mac",       "addresses",  "port",
                                             "interface",     "middlebox", "sflow_rate", "vlan",
                                             "port_security", "attach"};
  const auto& [reader, claims, defaults, exchange] = in;
  if (!has_room(reader, node, exchange.routers.size(), kMaxRouters)) return;
  if (!reader.expect_map(node, keys)) return;

  Router router;
  router.id = net::RouterId{static_cast<std::uint16_t>(exchange.routers.size())};
  router.participant = participant.id;
  const YamlNode* const name = reader.require(node, "name");
  read_into(reader, name, read_name, router.name);
  const std::string owner =
      router.name.empty() ? "a router of " + participant.name : "router " + router.name;
  if (!router.name.empty()) claims.name(router.name, name->at, owner);

  read_into(reader, node.find("middlebox"), read_flag, router.middlebox);
  if (const YamlNode* const port = reader.require(node, "port")) {
    if (const auto value = read_port(reader, *port)) {
      claims.port(*value, port->at, owner);
      router.port = *value;
    }
  }
  if (const YamlNode* const interface = node.find("interface")) {
    read_interface(reader, *interface, claims, owner, router.interface);
  }
  if (const YamlNode* const rate = node.find("sflow_rate")) {
    router.sflow_rate = read_sflow_rate(reader, *rate);
  }
  read_into(reader, node.find("vlan"), whole_number<std::uint16_t>({.least = 1, .most = kMaxVlan}),
            router.vlan);
  if (const YamlNode* const attach = node.find("attach")) {
    if (read_attach(reader, *attach) == FabricAttach::kXdp && router.vlan != 0) {
      reader.error(attach->at, "C0140", "a port with a vlan is not at XDP",
                   "frames with tags are tc's: write tc, or nothing");
    }
  }
  router.sources = router.middlebox ? SourceRule{} : exchange.sources;
  if (const YamlNode* const security = node.find("port_security")) {
    MacLock lock;
    read_port_security(reader, *security, lock);
    read_source_rule(reader, *security, router.sources);
    if (router.middlebox && router.sources != SourceRule{}) {
      reader.error(security->at, "C0163", "a middlebox port has no source_check",
                   "what it gives back was checked where it came in");
    }
  }
  if (router.middlebox) {
    refuse_attachment(in, node);
  } else {
    read_attachment(in, node, owner, router);
  }
  participant.routers.push_back(router.id);
  exchange.routers.push_back(std::move(router));
}

// The exchange's defaults, with what the participant has of its own.
void read_policies(const Context& in, const YamlNode& node, Participant& participant) {
  participant.session = in.defaults.session;
  if (const YamlNode* const session = node.find("session")) {
    read_session(in.reader, *session, in.defaults.secrets, participant.session);
  }
  ImportSettings settings = in.defaults.import;
  if (const YamlNode* const import = node.find("import")) {
    read_import(in.reader, *import, ImportOwner::kParticipant, settings);
  }
  participant.import = settings.resolved();
}

// All but the peers, who may come later in the list.
void read_participant(const Context& in, const YamlNode& node) {
  static const std::vector<std::string> keys{"name",    "asn",     "policy", "peers",
                                             "routers", "session", "import"};
  const auto& [reader, claims, defaults, exchange] = in;
  if (!reader.expect_map(node, keys)) return;

  Participant participant;
  participant.id = net::ParticipantId{static_cast<std::uint16_t>(exchange.participants.size())};
  const YamlNode* const name = reader.require(node, "name");
  read_into(reader, name, read_name, participant.name);
  if (!participant.name.empty()) {
    claims.name(participant.name, name->at, "participant " + participant.name);
  }
  read_into(reader, reader.require(node, "asn"), read_asn, participant.asn);
  read_into(reader, node.find("policy"), read_path, participant.policy_file);
  read_policies(in, node, participant);
  for (const YamlNode& router : read_list(reader, node.find("routers"), "a list of routers")) {
    read_router(in, router, participant);
  }
  exchange.participants.push_back(std::move(participant));
}

// Names to ids: the first of a name has it.
class Directory {
 public:
  explicit Directory(const std::vector<Participant>& participants) {
    for (const Participant& participant : participants) {
      if (participant.name.empty()) continue;
      if (ids_.try_emplace(participant.name, participant.id).second) {
        names_.push_back(participant.name);
      }
    }
  }

  std::optional<net::ParticipantId> find(const std::string& name) const {
    const auto found = ids_.find(name);
    if (found == ids_.end()) return std::nullopt;
    return found->second;
  }

  std::span<const std::string> names() const { return names_; }

 private:
  std::unordered_map<std::string, net::ParticipantId> ids_;
  std::vector<std::string> names_;
};

std::optional<net::ParticipantId> read_peer(YamlReader& reader, const YamlNode& node,
                                            const Directory& directory) {
  const auto name = reader.text(node, "a participant's name");
  if (!name) return std::nullopt;
  const auto id = directory.find(*name);
  if (!id) {
    reader.error(node.at, "C0129", fmt::format("there is no participant {}", quote(*name)),
                 suggest_name(*name, directory.names(), "participants"));
  }
  return id;
}

void read_peers(YamlReader& reader, const YamlNode& node, const Directory& directory,
                Participant& participant) {
  const auto items = reader.list(node, "a list of participants' names");
  if (!items) return;
  std::vector<net::ParticipantId> peers;
  std::vector<bool> listed(kMaxParticipants);
  for (const YamlNode& item : *items) {
    const auto peer = read_peer(reader, item, directory);
    if (!peer) continue;
    if (*peer == participant.id) {
      reader.error(item.at, "C0130", fmt::format("{} cannot peer with itself", item.scalar));
    } else if (listed[peer->index()]) {
      reader.error(item.at, "C0130", fmt::format("the peer {} is listed twice", item.scalar));
    }
    listed[peer->index()] = true;
    peers.push_back(*peer);
  }
  participant.peers = std::move(peers);
}

}  // namespace

void read_participants(YamlReader& reader, const YamlNode& node, Claims& claims,
                       const Defaults& defaults, Exchange& exchange) {
  const auto items = read_list(reader, &node, "a list of participants");
  std::vector<const YamlNode*> read;  // the node of each participant
  for (const YamlNode& item : items) {
    if (!has_room(reader, item, exchange.participants.size(), kMaxParticipants)) break;
    read_participant({reader, claims, defaults, exchange}, item);
    if (read.size() < exchange.participants.size()) read.push_back(&item);
  }
  const Directory directory(exchange.participants);
  for (Participant& participant : exchange.participants) {
    const YamlNode* const peers = read[participant.id.index()]->find("peers");
    if (peers != nullptr) read_peers(reader, *peers, directory, participant);
  }
}

}  // namespace fabrix::exchange
