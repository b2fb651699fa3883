// What follows from a RouterPlan for every kind of daemon.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/daemon.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::lab {

// One BGP session with the route server.
struct Session {
  net::IpAddress local = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress route_server = net::IpAddress::unspecified(net::Family::kIpv4);
  // IPv4 routes, too, on an IPv6 session (RFC 8950).
  bool ipv4_over_ipv6 = false;

  bool carries(net::Family family) const {
    return family == local.family() || (ipv4_over_ipv6 && family == net::Family::kIpv4);
  }
};

// In the order of the route server's addresses; none for an address whose family we have no address
// of.
std::vector<Session> sessions_of(const RouterPlan& plan);

// Where in the plan a prefix is; fails if it is not there.
Result<std::size_t> index_of(const RouterPlan& plan, const net::Prefix& prefix);

// The path of a file of the daemon's.
std::string file_of(const RouterPlan& plan, std::string_view name);

// "ipv4" or "ipv6", as most daemons say.
std::string_view word_of(net::Family family);

}  // namespace fabrix::lab
