// What the daemons' own tools say in JSON about sessions and routes.
//
// Measured with bgpctl 7.7, gobgp 3.10 and vtysh 8.4. Members that are not there count as "no";
// text that is no JSON is an error. Pure functions.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "net/prefix.h"

namespace fabrix::lab {

// A best route that a neighbour told.
struct LearnedRoute {
  net::Prefix destination = net::Prefix::all(net::Family::kIpv4);
  net::IpAddress gateway = net::IpAddress::unspecified(net::Family::kIpv4);

  friend bool operator==(const LearnedRoute&, const LearnedRoute&) = default;
};

// `bgpctl -j show rib best`: both families.
Result<std::vector<LearnedRoute>> openbgpd_routes(std::string_view text);

// `gobgp -j global rib -a FAMILY`.
Result<std::vector<LearnedRoute>> gobgp_routes(std::string_view text);

// How many sessions are established.
Result<std::size_t> openbgpd_established(std::string_view text);  // bgpctl -j show neighbor
Result<std::size_t> gobgp_established(std::string_view text);     // gobgp -j neighbor
Result<std::size_t> frr_established(std::string_view text);       // show bgp summary json

}  // namespace fabrix::lab
