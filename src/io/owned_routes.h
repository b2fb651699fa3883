// The routes of one owner in one of the kernel's routing tables: many changed at a time, and read
// back after a restart. An owner is told from others by the protocol that a route says it is of
// (linux/rtnetlink.h), and touches no routes but its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/netlink_socket.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::io {

struct RouteOwner {
  std::uint32_t table = 254;  // main
  std::uint8_t protocol = 0;  // above 4: others are the kernel's, or everyone's
  std::uint32_t metric = 70;

  friend bool operator==(const RouteOwner&, const RouteOwner&) = default;
};

struct OwnedRoute {
  net::Prefix destination = net::Prefix::all(net::Family::kIpv4);
  net::IpAddress gateway = net::IpAddress::unspecified(net::Family::kIpv4);  // of either family

  friend bool operator==(const OwnedRoute&, const OwnedRoute&) = default;
};

struct RouteOrder {
  enum class Deed : std::uint8_t {
    kAdd,      // fails if there is a route with this destination and metric
    kReplace,  // or adds
    kRemove,   // one that is not there is no failure; the gateway does not matter
  };
  Deed deed = Deed::kAdd;
  OwnedRoute route;
};

struct RouteFailure {
  std::size_t order = 0;  // its place among the orders
  std::string text;
};

// Done in this order, all that can be: what could not, is told.
std::vector<RouteFailure> change_routes(NetlinkSocket& netlink, const RouteOwner& owner,
                                        std::span<const RouteOrder> orders);

// Its unicast routes of a family with a gateway, in no order. Dumps are to be filtered
// (NetlinkSocket::filter_dumps()), or else the kernel tells of all tables, which is right, and
// slow.
Result<std::vector<OwnedRoute>> list_owned_routes(NetlinkSocket& netlink, const RouteOwner& owner,
                                                  net::Family family);

}  // namespace fabrix::io
