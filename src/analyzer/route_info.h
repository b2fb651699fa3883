// How BGP's routes read as flow keys: telemetry::RouteInfo of path attributes. Pure.
#pragma once

#include "bgp/path_attributes.h"
#include "net/ip_address.h"
#include "telemetry/route_view.h"

namespace fabrix::analyzer {

// Communities in the order of the route, large ones (RFC 8092) after the others: "65002:7-1:2:3".
telemetry::RouteInfo route_info(const bgp::PathAttributes& attributes,
                                const net::IpAddress& next_hop);

}  // namespace fabrix::analyzer
