// The network of a lab: a namespace for the switch, one for the route server and one for each
// router, each joined to the switch's by a virtual cable.
//
//     fx-LAB-a1 [ix0]======[p1]  fx-LAB-ix  [p4094]======[ix0] fx-LAB-rs
//
// Where the fabric is the kernel's own (eBPF), fabrixd is where its ports are: the switch's
// namespace and the route server's are one, under both names, with both ends of the cable p4094.
//
// A fabric of several switches has them all in that one namespace, with a virtual cable for each
// link:
//
//     e1 [e1-49]======[c1-1] c1
//
// Inside a node `ix0` has the node's registered MAC and its LAN addresses, `lo` an address of each
// originated prefix. Everything by netlink, in the calling thread; needs CAP_NET_ADMIN and
// CAP_SYS_ADMIN.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/definition.h"
#include "net/ids.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::lab {

inline constexpr std::string_view kSwitchNode = "ix";
inline constexpr std::string_view kServerNode = "rs";
inline constexpr std::string_view kInterface = "ix0";

enum class NodeRole : std::uint8_t { kRouteServer, kRouter, kMiddlebox };

// Something with one port of the fabric.
struct Node {
  std::string name;  // "a1", "rs"
  NodeRole role = NodeRole::kRouter;
  net::PortNo port;
  net::MacAddress mac;
  std::uint16_t vlan = 0;                  // of ix0 (lab/vlan_interface.h); 0: none
  std::vector<net::IpAddress> lan{};       // of ix0
  std::vector<net::IpAddress> loopback{};  // of lo
};

// The route server first, then the routers in the exchange's order, then the middleboxes.
std::vector<Node> nodes_of(const Definition& definition);

// "p1": the switch's end of the cable to a port, as exchange/interfaces.h writes it.
inline constexpr std::string_view kPortNames = "p%d";
std::string port_name(net::PortNo port);

// All namespaces of a lab: the switch's, then the nodes'.
std::vector<std::string> namespaces_of(std::string_view lab, const std::vector<Node>& nodes);

// Creates namespaces, cables and addresses; all interfaces are up. What was made before a failure
// is left for removal.
Result<void> build_network(std::string_view lab, const std::vector<Node>& nodes,
                           const std::vector<net::Prefix>& peering_lan,
                           exchange::FabricType fabric);

// The cables between the switches of a fabric of several, in the switches' namespace; all are up.
Result<void> lay_links(std::string_view lab, const exchange::Topology& topology);

// The switch's end of a link: "e1-49".
std::string link_name(const exchange::Topology& topology, const exchange::LinkEnd& end);

// Pulls all links of a switch, or puts them back.
Result<void> set_switch(std::string_view lab, const exchange::Topology& topology,
                        exchange::SwitchIndex at, PowerState state);

// Pulls the cable of a port, or puts it back.
Result<void> set_cable(std::string_view lab, net::PortNo port, PowerState state);

}  // namespace fabrix::lab
