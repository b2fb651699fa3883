// Links: the interfaces of a network namespace.
//
// Interface names are at most 15 octets. Each function fails with what the kernel said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/netlink_socket.h"
#include "net/mac_address.h"

namespace fabrix::io {

struct Link {
  std::uint32_t index = 0;
  std::string name;
  net::MacAddress mac;
  std::uint32_t mtu = 0;
  bool up = false;          // by administration
  bool carrier = false;     // the other end is up too
  std::string kind;         // "veth", "bridge", ...; empty for loopback and hardware
  bool leads_away = false;  // its other end is in another namespace (IFLA_LINK_NETNSID)

  friend bool operator==(const Link&, const Link&) = default;
};

// One end of a virtual cable.
struct VethEnd {
  std::string name;
  std::optional<net::MacAddress> mac{};  // none: a random one
  std::string network_namespace{};       // by name; empty: that of the socket used
};

Result<std::vector<Link>> list_links(NetlinkSocket& netlink);
Result<Link> find_link(NetlinkSocket& netlink, const std::string& name);

// Creates both ends, each where and as it should be, in one step; they are down.
Result<void> create_veth(NetlinkSocket& netlink, const VethEnd& near, const VethEnd& far);

// Deleting one end of a veth pair deletes both.
Result<void> delete_link(NetlinkSocket& netlink, const std::string& name);

Result<void> set_link_up(NetlinkSocket& netlink, const std::string& name);
Result<void> set_link_down(NetlinkSocket& netlink, const std::string& name);
// Frames for any MAC come in, as on the ports of a switch, until somebody undoes it.
Result<void> set_link_promiscuous(NetlinkSocket& netlink, const std::string& name);
Result<void> set_link_mac(NetlinkSocket& netlink, const std::string& name,
                          const net::MacAddress& mac);
Result<void> set_link_mtu(NetlinkSocket& netlink, const std::string& name, std::uint32_t mtu);

}  // namespace fabrix::io
