// Session names: what looking glasses and metrics call each session.
//
// A session is called like its router; if that has several addresses, with the family, and a number
// from the second of a family on: "b1", "b1_ipv4", "b1_ipv6", "b1_ipv6_2". Names are unique, of
// letters, digits, '_', '-' and '.', and stay while the router keeps its addresses. Pure.
#pragma once

#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "routeserver/peer.h"

namespace fabrix::daemon {

// By PeerId.
std::vector<std::string> session_names(const exchange::Exchange& exchange,
                                       const std::vector<routeserver::Peer>& peers);

}  // namespace fabrix::daemon
