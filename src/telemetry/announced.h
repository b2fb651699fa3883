// Who announces what, by a route server's table: a prefix that is accepted from a member is its
// own, and so are the addresses in it, also where another one announces a longer prefix. Pure.
#pragma once

#include <optional>

#include "net/ip_address.h"
#include "telemetry/members.h"
#include "telemetry/route_table.h"

namespace fabrix::telemetry {

// Of the longest prefix around the address that somebody announces: who has the best route.
std::optional<MemberId> announcer_of(const RouteTable& table, const net::IpAddress& address);

// Whether the member announces a prefix around the address.
bool announces(const RouteTable& table, MemberId member, const net::IpAddress& address);

}  // namespace fabrix::telemetry
