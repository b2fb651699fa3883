#include "analyzer/topology_json.h"

#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "analyzer/json_fields.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using telemetry::TopologyLink;
using telemetry::TopologyMap;
using telemetry::TopologyNode;

// What is above means something else in sFlow (unknown, discarded, internal).
constexpr double kMaxIfIndex = 0x3ffffffe;

// "node 'leaf1': ": where it is wrong.
Error at(std::string_view kind, std::string_view name, const Error& error) {
  return {fmt::format("{} '{}': {}", kind, name, error.message)};
}

// visit(name, object) -> Result<void> for each object in the one under the key, if there is one.
template <typename Visit>
Result<void> for_each_in(const json::object& object, std::string_view key, std::string_view kind,
                         Visit visit) {
  const json::value* const all = object.if_contains(key);
  if (all == nullptr || all->is_null()) return {};
  if (!all->is_object()) return fail(Error{fmt::format("'{}' is no object", key)});
  for (const auto& [name, value] : all->get_object()) {
    if (name.empty()) return fail(Error{fmt::format("a {} has no name", kind)});
    if (!value.is_object()) return fail(at(kind, name, Error{"is no object"}));
    if (auto done = visit(std::string(name), value.get_object()); !done) {
      return fail(at(kind, name, done.error()));
    }
  }
  return {};
}

Result<std::uint32_t> if_index_of(const json::object& port) {
  FABRIX_TRY(const auto number, number_in(port, "ifindex"));
  if (!number) return fail(Error{"has no ifindex"});
  if (*number >= 1 && *number <= kMaxIfIndex && *number == std::floor(*number)) {
    return static_cast<std::uint32_t>(*number);
  }
  return fail(Error{fmt::format("{} is no ifindex", *number)});
}

Result<TopologyNode> node_of(const json::object& object) {
  TopologyNode node;
  FABRIX_TRY(const auto agent, text_in(object, "agent"));
  if (agent) {
    node.agent = net::IpAddress::parse(*agent);
    if (!node.agent) return fail(Error{fmt::format("'{}' is no agent's address", *agent)});
  }
  auto ports = for_each_in(object, "ports", "port",
                           [&](std::string name, const json::object& port) -> Result<void> {
                             FABRIX_TRY(node.ports[std::move(name)], if_index_of(port));
                             return {};
                           });
  if (!ports) return fail(std::move(ports).error());
  return node;
}

Result<void> read_end(const json::object& object, std::string_view key, std::string& out) {
  FABRIX_TRY(const auto text, text_in(object, key));
  if (!text || text->empty()) return fail(Error{fmt::format("has no {}", key)});
  out = *text;
  return {};
}

Result<TopologyLink> link_of(const json::object& object) {
  TopologyLink link;
  if (auto done = read_end(object, "node1", link.node1); !done) return fail(done.error());
  if (auto done = read_end(object, "port1", link.port1); !done) return fail(done.error());
  if (auto done = read_end(object, "node2", link.node2); !done) return fail(done.error());
  if (auto done = read_end(object, "port2", link.port2); !done) return fail(done.error());
  return link;
}

json::object to_json(const TopologyNode& node) {
  json::object ports;
  for (const auto& [name, if_index] : node.ports) ports[name] = json::object{{"ifindex", if_index}};
  json::object object;
  if (node.agent) object["agent"] = node.agent->to_string();
  object["ports"] = std::move(ports);
  return object;
}

}  // namespace

Result<TopologyMap> topology_of(const json::object& object) {
  TopologyMap map;
  auto nodes = for_each_in(object, "nodes", "node",
                           [&](std::string name, const json::object& node) -> Result<void> {
                             FABRIX_TRY(map.nodes[std::move(name)], node_of(node));
                             return {};
                           });
  if (!nodes) return fail(std::move(nodes).error());
  auto links = for_each_in(object, "links", "link",
                           [&](std::string name, const json::object& link) -> Result<void> {
                             FABRIX_TRY(map.links[std::move(name)], link_of(link));
                             return {};
                           });
  if (!links) return fail(std::move(links).error());
  return map;
}

json::object to_json(const telemetry::Topology& topology) {
  const TopologyMap known = topology.known();
  json::object nodes;
  for (const auto& [name, node] : known.nodes) nodes[name] = to_json(node);
  json::object links;
  for (const auto& [name, link] : known.links) {
    links[name] = json::object{
        {"node1", link.node1}, {"port1", link.port1}, {"node2", link.node2}, {"port2", link.port2}};
  }
  return {{"version", topology.version()}, {"nodes", nodes}, {"links", links}};
}

}  // namespace fabrix::analyzer
