#include "telemetry/topology.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "telemetry/metric_store.h"

namespace fabrix::telemetry {
namespace {

const std::string* text_in(const MetricMap& metrics, std::string_view name) {
  const auto found = metrics.find(name);
  return found != metrics.end() ? std::get_if<std::string>(&found->second.value) : nullptr;
}

// The datapath that a port of an OpenFlow switch is of: "00000000000000E1".
std::optional<std::uint64_t> datapath_in(const MetricMap& metrics) {
  const std::string* const text = text_in(metrics, "of_dpid");
  if (text == nullptr) return std::nullopt;
  std::uint64_t datapath = 0;
  std::from_chars(text->data(), text->data() + text->size(), datapath, 16);
  return datapath;
}

// ifIndexes by the switch's own numbers of its ports.
std::map<std::uint32_t, std::uint32_t> interfaces_of(const net::IpAddress& agent,
                                                     std::uint64_t datapath,
                                                     const MetricStore& metrics) {
  std::map<std::uint32_t, std::uint32_t> indexes;
  metrics.for_each_of(agent, [&](const DataSource& source, const MetricMap& of_source) {
    const auto port = of_source.find("of_port");
    if (port == of_source.end() || datapath_in(of_source) != datapath) return;
    const auto* const number = std::get_if<double>(&port->second.value);
    if (number != nullptr) indexes.emplace(static_cast<std::uint32_t>(*number), source.id.index);
  });
  return indexes;
}

// Where links end: node and port.
using Ends = std::set<std::pair<std::string_view, std::string_view>>;

Ends ends_of(const TopologyMap& map) {
  Ends ends;
  for (const auto& [name, link] : map.links) {
    ends.emplace(link.node1, link.port1);
    ends.emplace(link.node2, link.port2);
  }
  return ends;
}

// Which of an agent's nodes has a port of this name, and of this datapath if it tells one. Null:
// none of them.
const std::string* node_with(const TopologyMap& map,
                             const std::set<std::string, std::less<>>& nodes, const Ends& ends,
                             std::string_view port, std::optional<std::uint64_t> datapath) {
  const auto datapath_of = [&](const std::string& node) {
    const auto said = map.nodes.find(node);
    return said != map.nodes.end() ? said->second.datapath : std::nullopt;
  };
  const std::string* named = nullptr;
  for (const std::string& node : nodes) {
    const auto own = datapath_of(node);
    if (own && own == datapath) return &node;
    if (own && datapath) continue;
    const bool has_port = nodes.size() == 1 || ends.contains({node, port});
    if (has_port && named == nullptr) named = &node;
  }
  return named;
}

Result<void> check_sizes(const TopologyMap& map) {
  std::size_t ports = 0;
  for (const auto& [name, node] : map.nodes) ports += node.ports.size();
  const auto check = [](std::size_t there, std::size_t most, std::string_view what) {
    if (there <= most) return Result<void>();
    return Result<void>(
        fail(Error{fmt::format("{} {}, the most there may be are {}", there, what, most)}));
  };
  if (auto room = check(map.nodes.size(), Topology::kMaxNodes, "nodes"); !room) return room;
  if (auto room = check(map.links.size(), Topology::kMaxLinks, "links"); !room) return room;
  return check(ports, Topology::kMaxPorts, "ports");
}

struct Said {
  std::string_view node;
  std::string_view port;
};

Error same_index(const Said& one, const Said& other, const TopologyNode& node,
                 std::uint32_t if_index) {
  if (one.node == other.node) {
    return Error{fmt::format("node '{}': ports '{}' and '{}' have one ifindex, {}", one.node,
                             one.port, other.port, if_index)};
  }
  return Error{
      fmt::format("nodes '{}' and '{}' have one agent, {}, and ports '{}' and '{}' one ifindex, {}",
                  one.node, other.node, node.agent->to_string(), one.port, other.port, if_index)};
}

// Of one agent: ifIndexes of all of its nodes' ports. Of a node without one: of its own.
Result<void> check_nodes(const TopologyMap& map) {
  using Ports = std::map<std::uint32_t, Said>;
  std::map<net::IpAddress, Ports> of_agents;
  for (const auto& [name, node] : map.nodes) {
    Ports own;
    const bool shares = node.agent && !node.datapath;
    Ports& ports = shares ? of_agents[*node.agent] : own;
    for (const auto& [port, if_index] : node.ports) {
      const Said here{name, port};
      const auto [there, is_new] = ports.emplace(if_index, here);
      if (!is_new) return fail(same_index(there->second, here, node, if_index));
    }
  }
  return {};
}

Result<void> check_links(const TopologyMap& map) {
  for (const auto& [name, link] : map.links) {
    if (link.node1 == link.node2 && link.port1 == link.port2) {
      return fail(Error{fmt::format("link '{}' has one port at both ends", name)});
    }
  }
  return {};
}

}  // namespace

Result<void> Topology::set(TopologyMap map, const MetricStore& metrics) {
  if (auto sizes = check_sizes(map); !sizes) return sizes;
  if (auto nodes = check_nodes(map); !nodes) return nodes;
  if (auto links = check_links(map); !links) return links;
  map_ = std::move(map);
  ++version_;
  learn(metrics);
  return {};
}

void Topology::learn(const MetricStore& metrics) {
  nodes_.clear();
  ports_.clear();
  ports_of_.clear();
  if (is_empty()) return;
  place_nodes(metrics);
  place_ports(metrics);
  place_links();
}

// Agents as they are said to be, or, of other nodes, those whose host's name or datapath is the
// node's.
void Topology::place_nodes(const MetricStore& metrics) {
  std::set<std::string_view> unknown;
  std::map<std::uint64_t, std::string_view> datapaths;
  for (const auto& [name, link] : map_.links) unknown.insert({link.node1, link.node2});
  for (const auto& [name, node] : map_.nodes) {
    if (node.agent) {
      nodes_[*node.agent].insert(name);
      unknown.erase(name);
    } else {
      unknown.insert(name);
      if (node.datapath) datapaths.emplace(*node.datapath, name);
    }
  }
  metrics.for_each([&](const DataSource& source, const MetricMap& of_source) {
    const std::string* const host = text_in(of_source, "host_name");
    if (host != nullptr && unknown.contains(*host)) nodes_[source.agent].insert(*host);
    const auto datapath = datapaths.empty() ? std::nullopt : datapath_in(of_source);
    const auto node = datapath ? datapaths.find(*datapath) : datapaths.end();
    if (node != datapaths.end()) nodes_[source.agent].emplace(node->second);
  });
}

void Topology::place(const std::string& node, const std::string& port, const Interface& interface) {
  const bool is_free = !ports_.contains(interface);
  if (!is_free || !ports_of_[node].emplace(port, interface).second) return;
  ports_[interface] = {.name = port, .node = &node};
}

void Topology::place_said(const net::IpAddress& agent, const std::string& node,
                          const MetricStore& metrics) {
  const auto described = map_.nodes.find(node);
  if (described == map_.nodes.end()) return;
  const auto& datapath = described->second.datapath;
  const auto told = datapath ? interfaces_of(agent, *datapath, metrics)
                             : std::map<std::uint32_t, std::uint32_t>();
  // Until they are told, a switch's numbers are taken for ifIndexes: not where several have them.
  const bool are_indexes = !datapath || (told.empty() && nodes_.at(agent).size() == 1);
  for (const auto& [port, number] : described->second.ports) {
    const auto found = told.find(number);
    if (are_indexes) place(node, port, {agent, number});
    if (found != told.end()) place(node, port, {agent, found->second});
  }
}

// Ports with the ifIndex that is said, or, of other names, the one that the agent tells.
void Topology::place_ports(const MetricStore& metrics) {
  const Ends ends = ends_of(map_);
  for (const auto& entry : nodes_) {
    const net::IpAddress& agent = entry.first;
    const Nodes& nodes = entry.second;
    for (const std::string& node : nodes) place_said(agent, node, metrics);
    metrics.for_each_of(agent, [&](const DataSource& source, const MetricMap& of_source) {
      const std::string* const port = text_in(of_source, "ifname");
      const Interface interface { agent, source.id.index };
      if (source.id.type != 0 || port == nullptr || ports_.contains(interface)) return;
      const auto* const node = node_with(map_, nodes, ends, *port, datapath_in(of_source));
      if (node != nullptr) place(*node, *port, interface);
    });
  }
}

void Topology::place_links() {
  const auto join = [&](const std::string& node, const std::string& port, const std::string& link) {
    const auto ports = ports_of_.find(node);
    if (ports == ports_of_.end()) return;
    const auto found = ports->second.find(port);
    if (found != ports->second.end()) ports_[found->second].link = &link;
  };
  for (const auto& [name, link] : map_.links) {
    join(link.node1, link.port1, name);
    join(link.node2, link.port2, name);
  }
}

TopologyMap Topology::known() const {
  TopologyMap known = map_;
  for (const auto& [agent, names] : nodes_) {
    for (const std::string& name : names) {
      TopologyNode& node = known.nodes[name];
      if (!node.agent) node.agent = agent;
    }
  }
  for (const auto& [name, ports] : ports_of_) {
    TopologyNode& node = known.nodes[name];
    for (const auto& [port, interface] : ports) {
      const auto placed = ports_.find(interface);
      const bool is_named =
          node.ports.contains(port) || (placed != ports_.end() && placed->second.link != nullptr);
      if (is_named && interface.agent == node.agent) node.ports[port] = interface.if_index;
    }
  }
  return known;
}

Topology::Place Topology::place_of(const DataSource& source) const {
  if (is_empty()) return Place::kEdge;
  if (source.id.type != 0) return Place::kOutside;
  if (link_at(source.agent, source.id.index) != nullptr) return Place::kCore;
  return node_at(source.agent, source.id.index) != nullptr ? Place::kEdge : Place::kOutside;
}

const Topology::Port* Topology::find(const net::IpAddress& agent, std::uint32_t if_index) const {
  const auto found = ports_.find(Interface{agent, if_index});
  return found != ports_.end() ? &found->second : nullptr;
}

std::vector<std::string> Topology::nodes_of(const net::IpAddress& agent) const {
  const auto found = nodes_.find(agent);
  if (found == nodes_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::optional<net::IpAddress> Topology::agent_of(const std::string& node) const {
  const auto said = map_.nodes.find(node);
  if (said != map_.nodes.end() && said->second.agent) return said->second.agent;
  const auto learned =
      std::ranges::find_if(nodes_, [&](const auto& entry) { return entry.second.contains(node); });
  return learned != nodes_.end() ? std::optional(learned->first) : std::nullopt;
}

const std::string* Topology::node_at(const net::IpAddress& agent, std::uint32_t if_index) const {
  const Port* const port = find(agent, if_index);
  if (port != nullptr) return port->node;
  const auto found = nodes_.find(agent);
  const bool is_one = found != nodes_.end() && found->second.size() == 1;
  return is_one ? &*found->second.begin() : nullptr;
}

const std::string* Topology::port_at(const net::IpAddress& agent, std::uint32_t if_index) const {
  const Port* const port = find(agent, if_index);
  return port != nullptr ? &port->name : nullptr;
}

const std::string* Topology::link_at(const net::IpAddress& agent, std::uint32_t if_index) const {
  const Port* const port = find(agent, if_index);
  return port != nullptr ? port->link : nullptr;
}

}  // namespace fabrix::telemetry
