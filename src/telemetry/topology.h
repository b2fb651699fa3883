// Topology: which agents are which nodes of the network, what their ports are called, and which
// ports are joined by links, as sFlow-RT has it:
//
//   nodes  leaf1: agent 192.0.2.1, port swp1: ifIndex 3
//   links  link1: leaf1 swp1 to spine1 swp4
//
// What is not said of a node is learned: its agent by the host's name that it tells (host_descr),
// ifIndexes of its ports by the names that it tells (port_name); so links alone are enough. Of an
// OpenFlow switch agents tell the datapath and its own numbers of ports (of_port, as Open vSwitch
// does): by these its agent and the ifIndexes are learned. A port of a node at which a link ends is
// in the core, others are at the edge; without a topology every port is at the edge.
//
// One agent may be several nodes, as that of an Open vSwitch with several bridges: an ifIndex is of
// one port of an agent, whichever of its sub-agents tells of it, so ports say which node it is. A
// port that is not said is of the node with its datapath, or else of the one whose links name it;
// of an agent that is one node all of them are.
//
// Bounded: kMaxNodes, kMaxPorts, kMaxLinks. Pure; one thread.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

class MetricStore;

struct TopologyNode {
  std::optional<net::IpAddress> agent;
  std::map<std::string, std::uint32_t> ports;  // ifIndex by name
  // Of a switch: `ports` are its own numbers, which are ifIndexes only where its agent says nothing
  // else.
  std::optional<std::uint64_t> datapath{};

  friend bool operator==(const TopologyNode&, const TopologyNode&) = default;
};

struct TopologyLink {
  std::string node1;
  std::string port1;
  std::string node2;
  std::string port2;

  friend bool operator==(const TopologyLink&, const TopologyLink&) = default;
};

struct TopologyMap {
  std::map<std::string, TopologyNode> nodes;
  std::map<std::string, TopologyLink> links;

  friend bool operator==(const TopologyMap&, const TopologyMap&) = default;
};

class Topology {
 public:
  static constexpr std::size_t kMaxNodes = 10'000;
  static constexpr std::size_t kMaxPorts = 100'000;  // of all nodes
  static constexpr std::size_t kMaxLinks = 50'000;

  // In place of what was there. Fails, and changes nothing, if two ports of an agent have one
  // ifIndex, a link two ends that are one, or there is too much.
  Result<void> set(TopologyMap map, const MetricStore& metrics);

  // Learns anew what agents say of themselves. To be called now and then.
  void learn(const MetricStore& metrics);

  const TopologyMap& map() const { return map_; }
  // The same with what was learned of its nodes, and of ports that it names.
  TopologyMap known() const;
  std::uint64_t version() const { return version_; }  // how often it was set
  bool is_empty() const { return map_.nodes.empty() && map_.links.empty(); }

  enum class Place : std::uint8_t { kOutside, kEdge, kCore };
  Place place_of(const DataSource& source) const;
  // Without a topology it has all of them.
  bool has_agent(const net::IpAddress& agent) const { return is_empty() || nodes_.contains(agent); }

  // By name.
  std::vector<std::string> nodes_of(const net::IpAddress& agent) const;
  // As it was said or learned.
  std::optional<net::IpAddress> agent_of(const std::string& node) const;

  // Each is null where there is none, and good until the topology changes or learns.
  const std::string* node_at(const net::IpAddress& agent, std::uint32_t if_index) const;
  const std::string* port_at(const net::IpAddress& agent, std::uint32_t if_index) const;
  const std::string* link_at(const net::IpAddress& agent, std::uint32_t if_index) const;

 private:
  struct Interface {
    net::IpAddress agent = net::IpAddress::unspecified(net::Family::kIpv4);
    std::uint32_t if_index = 0;

    friend auto operator<=>(const Interface&, const Interface&) = default;
  };
  struct Port {
    std::string name;
    const std::string* node = nullptr;  // in nodes_
    const std::string* link = nullptr;  // in map_; null: none
  };
  using Nodes = std::set<std::string, std::less<>>;
  using Ports = std::map<std::string, Interface, std::less<>>;  // by name

  void place_nodes(const MetricStore& metrics);
  void place_ports(const MetricStore& metrics);
  void place_said(const net::IpAddress& agent, const std::string& node, const MetricStore& metrics);
  // `node` is in nodes_.
  void place(const std::string& node, const std::string& port, const Interface& interface);
  void place_links();
  const Port* find(const net::IpAddress& agent, std::uint32_t if_index) const;

  TopologyMap map_;
  std::uint64_t version_ = 0;
  std::map<net::IpAddress, Nodes> nodes_;  // by agent
  std::map<Interface, Port> ports_;
  std::map<std::string, Ports, std::less<>> ports_of_;  // by node
};

}  // namespace fabrix::telemetry
