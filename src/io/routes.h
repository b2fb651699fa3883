// The kernel's routing table `main`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/netlink_socket.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::io {

// Who put a route there; see linux/rtnetlink.h and /etc/iproute2/rt_protos.
inline constexpr std::uint8_t kRouteProtocolKernel = 2;
inline constexpr std::uint8_t kRouteProtocolStatic = 4;
inline constexpr std::uint8_t kRouteProtocolBgp = 186;

struct Route {
  net::Prefix destination = net::Prefix::all(net::Family::kIpv4);
  std::optional<net::IpAddress> gateway;  // none: reached directly through `link`
  std::string link;                       // may be empty when adding: the kernel asks the gateway
  std::uint8_t protocol = kRouteProtocolStatic;
  std::uint32_t metric = 0;  // the kernel turns an IPv6 route's 0 into 1024

  friend bool operator==(const Route&, const Route&) = default;
};

// Adds a route, or replaces the one with this destination and metric.
Result<void> replace_route(NetlinkSocket& netlink, const Route& route);

// Fails if there is a route with this destination and metric already.
Result<void> add_route(NetlinkSocket& netlink, const Route& route);

// Deletes what has this destination, metric, protocol and, where given, gateway and link.
Result<void> delete_route(NetlinkSocket& netlink, const Route& route);

// Unicast routes of the table `main` of one family. Of a route with several next hops, the first.
Result<std::vector<Route>> list_routes(NetlinkSocket& netlink, net::Family family);

}  // namespace fabrix::io
