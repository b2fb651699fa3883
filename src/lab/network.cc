#include "lab/network.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "exchange/interfaces.h"
#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "io/netlink_socket.h"
#include "io/offload.h"
#include "lab/paths.h"
#include "lab/vlan_interface.h"

namespace fabrix::lab {
namespace {

struct Setting {
  std::string_view path;  // below /proc/sys/net
  std::string_view value;
};

// Of every namespace: no address comes by itself, and IPv6 addresses work at once.
constexpr std::array kQuiet{
    Setting{"ipv6/conf/all/accept_ra", "0"},
    Setting{"ipv6/conf/default/accept_ra", "0"},
    Setting{"ipv6/conf/all/accept_dad", "0"},
    Setting{"ipv6/conf/default/accept_dad", "0"},
};

// The switch is no host: what its kernel said on the ports would be foreign frames to members.
constexpr std::array kNoIpv6{
    Setting{"ipv6/conf/all/disable_ipv6", "1"},
    Setting{"ipv6/conf/default/disable_ipv6", "1"},
};

// Of routers: an exchange carries traffic of any source, and ARP is for LAN addresses only, as
// every exchange asks of its members.
constexpr std::array kRouter{
    Setting{"ipv4/conf/all/rp_filter", "0"},    Setting{"ipv4/conf/default/rp_filter", "0"},
    Setting{"ipv4/conf/all/arp_ignore", "1"},   Setting{"ipv4/conf/default/arp_ignore", "1"},
    Setting{"ipv4/conf/all/arp_announce", "2"}, Setting{"ipv4/conf/default/arp_announce", "2"},
};

// Of the route server's own interface beside the ports.
constexpr std::array kServerInterface{Setting{"ipv6/conf/ix0/disable_ipv6", "0"}};

// A middlebox's interface has some address, which nobody sees. The first is administered locally.
constexpr std::uint64_t kMiddleboxMac = 0x020000000000;

// A middlebox is no host either.
std::span<const Setting> settings_of(const Node& node) {
  if (node.role == NodeRole::kMiddlebox) return kNoIpv6;
  return kRouter;
}

// A kernel without IPv6 lacks some of them, which is as good.
Result<void> apply(std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    const std::string path = fmt::format("/proc/sys/net/{}", setting.path);
    const io::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (!file.valid()) continue;
    const auto written = write(file.get(), setting.value.data(), setting.value.size());
    if (std::cmp_not_equal(written, setting.value.size())) return fail(io::errno_error(path));
  }
  return {};
}

// /proc/sys/net is that of the thread which opens it.
Result<void> create_with(const std::string& name, std::span<const Setting> settings) {
  if (auto made = io::create_namespace(name); !made) return made;
  FABRIX_TRY(const auto scope, io::NamespaceScope::enter(name));
  if (auto done = apply(kQuiet); !done) return done;
  if (auto done = apply(settings); !done) return done;
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open());
  return io::set_link_up(netlink, "lo");
}

unsigned lan_length(const net::IpAddress& address, const std::vector<net::Prefix>& peering_lan) {
  const auto found = std::ranges::find_if(
      peering_lan, [&](const net::Prefix& prefix) { return prefix.contains(address); });
  return found == peering_lan.end() ? net::width_of(address.family()) : found->length();
}

Result<void> add_addresses(io::NetlinkSocket& netlink, const Node& node,
                           const std::vector<net::Prefix>& peering_lan) {
  for (const net::IpAddress& address : node.lan) {
    const auto length = static_cast<std::uint8_t>(lan_length(address, peering_lan));
    auto added = io::add_address(
        netlink, {.link = std::string(kInterface), .address = address, .length = length});
    if (!added) return added;
  }
  for (const net::IpAddress& address : node.loopback) {
    const auto length = static_cast<std::uint8_t>(net::width_of(address.family()));
    auto added = io::add_address(netlink, {.link = "lo", .address = address, .length = length});
    if (!added) return added;
  }
  return {};
}

Result<void> lay_cable(io::NetlinkSocket& fabric, const std::string& node_namespace,
                       const Node& node) {
  return io::create_veth(
      fabric, {.name = port_name(node.port)},
      {.name = std::string(kInterface), .mac = node.mac, .network_namespace = node_namespace});
}

// The node's namespace and the switch's are there, and the cable between them; `fabric` is a socket
// of the latter.
Result<void> connect_node(io::NetlinkSocket& fabric, const std::string& node_namespace,
                          const Node& node, const std::vector<net::Prefix>& peering_lan) {
  const std::string interface(kInterface);
  if (auto done = io::set_link_up(fabric, port_name(node.port)); !done) return done;
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open(node_namespace));
  if (auto done = io::set_link_up(netlink, interface); !done) return done;
  return add_addresses(netlink, node, peering_lan);
}

// The namespace that the route server shares with the ports.
Result<void> create_shared(const std::string& ports, const std::string& server) {
  if (auto done = create_with(ports, kNoIpv6); !done) return done;
  FABRIX_TRY(const auto scope, io::NamespaceScope::enter(ports));
  if (auto done = apply(kRouter); !done) return done;
  return io::alias_namespace(ports, server);
}

Result<void> tag(const std::string& node_namespace, const Node& node) {
  if (node.vlan == 0) return {};
  FABRIX_TRY(const auto scope, io::NamespaceScope::enter(node_namespace));
  return make_vlan_interface(std::string(kInterface), node.vlan);
}

// What the ports say to a switch in user space must be finished.
Result<void> prepare_interface(const std::string& node_namespace, const Node& node,
                               exchange::FabricType fabric) {
  if (fabric == exchange::FabricType::kOpenFlow) {
    return io::disable_transmit_offload(std::string(kInterface), node_namespace);
  }
  if (node.role != NodeRole::kRouteServer) return {};
  FABRIX_TRY(const auto scope, io::NamespaceScope::enter(node_namespace));
  return apply(kServerInterface);
}

}  // namespace

std::vector<Node> nodes_of(const Definition& definition) {
  const exchange::Exchange& exchange = definition.exchange;
  std::vector<Node> nodes;
  nodes.push_back({.name = std::string(kServerNode),
                   .role = NodeRole::kRouteServer,
                   .port = exchange.route_server.port,
                   .mac = exchange.route_server.mac,
                   .lan = exchange.route_server.addresses,
                   .loopback = {}});
  for (const LabRouter& router : definition.routers) {
    const exchange::Router* const site = exchange.find_router(router.name);
    Node node{.name = router.name,
              .port = site->port,
              .mac = site->mac,
              .vlan = site->vlan,
              .lan = site->addresses,
              .loopback = {}};
    for (const net::Prefix& prefix : router.prefixes) node.loopback.push_back(host_address(prefix));
    nodes.push_back(std::move(node));
  }
  for (const LabMiddlebox& middlebox : definition.middleboxes) {
    const net::PortNo port = exchange.find_router(middlebox.name)->port;
    nodes.push_back({.name = middlebox.name,
                     .role = NodeRole::kMiddlebox,
                     .port = port,
                     .mac = net::MacAddress::from_u64(kMiddleboxMac + port.value),
                     .vlan = exchange.find_router(middlebox.name)->vlan,
                     .lan = {},
                     .loopback = {}});
  }
  return nodes;
}

std::string port_name(net::PortNo port) {
  return exchange::interface_name(std::string(kPortNames), port);
}

std::vector<std::string> namespaces_of(std::string_view lab, const std::vector<Node>& nodes) {
  std::vector<std::string> names{namespace_name(lab, kSwitchNode)};
  for (const Node& node : nodes) names.push_back(namespace_name(lab, node.name));
  return names;
}

Result<void> build_network(std::string_view lab, const std::vector<Node>& nodes,
                           const std::vector<net::Prefix>& peering_lan,
                           exchange::FabricType fabric) {
  const std::string ports = namespace_name(lab, kSwitchNode);
  const bool is_shared = fabric == exchange::FabricType::kLinux;
  auto made = is_shared ? create_shared(ports, namespace_name(lab, kServerNode))
                        : create_with(ports, kNoIpv6);
  if (!made) return made;
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open(ports));
  for (const Node& node : nodes) {
    const std::string name = namespace_name(lab, node.name);
    const bool is_there = is_shared && node.role == NodeRole::kRouteServer;
    if (!is_there) made = create_with(name, settings_of(node));
    if (made) made = lay_cable(netlink, name, node);
    if (made) made = prepare_interface(name, node, fabric);
    if (made) made = tag(name, node);
    if (made) made = connect_node(netlink, name, node, peering_lan);
    if (!made) return made;
  }
  return {};
}

std::string link_name(const exchange::Topology& topology, const exchange::LinkEnd& end) {
  return fmt::format("{}-{}", topology.switches[end.at].name, end.port.value);
}

Result<void> lay_links(std::string_view lab, const exchange::Topology& topology) {
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open(namespace_name(lab, kSwitchNode)));
  for (const auto& [one, other] : topology.links) {
    const std::string near = link_name(topology, one);
    const std::string far = link_name(topology, other);
    auto made = io::create_veth(netlink, {.name = near}, {.name = far});
    if (made) made = io::set_link_up(netlink, near);
    if (made) made = io::set_link_up(netlink, far);
    if (!made) return made;
  }
  return {};
}

Result<void> set_switch(std::string_view lab, const exchange::Topology& topology,
                        exchange::SwitchIndex at, PowerState state) {
  FABRIX_TRY(auto netlink, io::NetlinkSocket::open(namespace_name(lab, kSwitchNode)));
  for (const exchange::Link& link : topology.links) {
    for (const exchange::LinkEnd& end : link) {
      if (end.at != at) continue;
      const std::string name = link_name(topology, end);
      auto done = state == PowerState::kUp ? io::set_link_up(netlink, name)
                                           : io::set_link_down(netlink, name);
      if (!done) return done;
    }
  }
  return {};
}

Result<void> set_cable(std::string_view lab, net::PortNo port, PowerState state) {
  FABRIX_TRY(auto fabric, io::NetlinkSocket::open(namespace_name(lab, kSwitchNode)));
  if (state == PowerState::kUp) return io::set_link_up(fabric, port_name(port));
  return io::set_link_down(fabric, port_name(port));
}

}  // namespace fabrix::lab
