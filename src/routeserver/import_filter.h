// The import filter: which announced routes an exchange uses at all.
#pragma once

#include <optional>

#include "bgp/path_attributes.h"
#include "exchange/exchange.h"
#include "net/prefix.h"
#include "routeserver/route.h"

namespace fabrix::routeserver {

// None: accepted. Else the first reason, in the order of the enumeration. Pure.
std::optional<RejectReason> import_filter(const exchange::Exchange& exchange, const Peer& peer,
                                          const net::Prefix& prefix, const net::IpAddress& next_hop,
                                          const bgp::PathAttributes& attributes);

}  // namespace fabrix::routeserver
