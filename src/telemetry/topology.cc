#include "telemetry/topology.h"

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

Result<void> check_nodes(const TopologyMap& map) {
  std::map<net::IpAddress, std::string_view> agents;
  for (const auto& [name, node] : map.nodes) {
    if (node.agent) {
      const auto [other, is_new] = agents.emplace(*node.agent, name);
      if (!is_new) {
        return fail(Error{fmt::format("nodes '{}' and '{}' have one agent, {}", other->second, name,
                                      node.agent->to_string())});
      }
    }
    std::map<std::uint32_t, std::string_view> ports;
    for (const auto& [port, if_index] : node.ports) {
      const auto [other, is_new] = ports.emplace(if_index, port);
      if (is_new) continue;
      return fail(Error{fmt::format("node '{}': ports '{}' and '{}' have one ifindex, {}", name,
                                    other->second, port, if_index)});
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
      nodes_.emplace(*node.agent, name);
      unknown.erase(name);
    } else {
      unknown.insert(name);
      if (node.datapath) datapaths.emplace(*node.datapath, name);
    }
  }
  metrics.for_each([&](const DataSource& source, const MetricMap& of_source) {
    const std::string* const host = text_in(of_source, "host_name");
    if (host != nullptr && unknown.contains(*host)) nodes_.emplace(source.agent, *host);
    const auto datapath = datapaths.empty() ? std::nullopt : datapath_in(of_source);
    const auto node = datapath ? datapaths.find(*datapath) : datapaths.end();
    if (node != datapaths.end()) nodes_.emplace(source.agent, node->second);
  });
}

void Topology::place(const std::string& node, const std::string& port, const Interface& interface) {
  if (ports_of_[node].emplace(port, interface).second) ports_[interface] = {.name = port};
}

void Topology::place_said(const net::IpAddress& agent, const std::string& node,
                          const MetricStore& metrics) {
  const auto described = map_.nodes.find(node);
  if (described == map_.nodes.end()) return;
  const auto& datapath = described->second.datapath;
  const auto told = datapath ? interfaces_of(agent, *datapath, metrics)
                             : std::map<std::uint32_t, std::uint32_t>();
  for (const auto& [port, number] : described->second.ports) {
    const auto found = told.find(number);
    if (told.empty()) place(node, port, {agent, number});
    if (found != told.end()) place(node, port, {agent, found->second});
  }
}

// Ports with the ifIndex that is said, or, of other names, the one that the agent tells.
void Topology::place_ports(const MetricStore& metrics) {
  for (const auto& entry : nodes_) {
    const net::IpAddress& agent = entry.first;
    const std::string& node = entry.second;
    place_said(agent, node, metrics);
    metrics.for_each_of(agent, [&](const DataSource& source, const MetricMap& of_source) {
      const std::string* const port = text_in(of_source, "ifname");
      const Interface interface { agent, source.id.index };
      if (source.id.type == 0 && port != nullptr && !ports_.contains(interface)) {
        place(node, *port, interface);
      }
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
  for (const auto& [agent, name] : nodes_) {
    TopologyNode& node = known.nodes[name];
    if (!node.agent) node.agent = agent;
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
  if (source.id.type != 0 || !has_agent(source.agent)) return Place::kOutside;
  return link_at(source.agent, source.id.index) != nullptr ? Place::kCore : Place::kEdge;
}

const Topology::Port* Topology::find(const net::IpAddress& agent, std::uint32_t if_index) const {
  const auto found = ports_.find(Interface{agent, if_index});
  return found != ports_.end() ? &found->second : nullptr;
}

const std::string* Topology::node_of(const net::IpAddress& agent) const {
  const auto found = nodes_.find(agent);
  return found != nodes_.end() ? &found->second : nullptr;
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
