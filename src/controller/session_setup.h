// How a session with a member's router is set up: what the configuration says of it
// (exchange::SessionPolicy) in the words of bgp::Session and of the sockets.
//
//   RFC 2385   MD5 signatures, a key for each address
//   RFC 5082   GTSM: everything is sent with TTL 255, and from protected peers nothing less taken
//   RFC 4724, 8538, 9494, 9234, 7911, 8950, 8654, 8955   what OPEN offers
//
// Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "bgp/session.h"
#include "exchange/exchange.h"
#include "io/tcp_options.h"
#include "routeserver/peer.h"

namespace fabrix::controller {

// Whether our process took the place of one that had sessions, and does not know its peers' routes
// again yet: the R bit of RFC 4724 §3.
enum class Restarting : std::uint8_t { kNo, kYes };

const exchange::SessionPolicy& session_policy(const exchange::Exchange& exchange,
                                              const routeserver::Peer& peer);

bgp::SessionConfig session_config(const exchange::Exchange& exchange, const routeserver::Peer& peer,
                                  Restarting restarting);

// The key of connections with this address; empty: none.
io::Md5Key md5_key(const net::IpAddress& address, const exchange::SessionPolicy& policy);

// For a listener, which serves protected peers and others alike: SYN-ACKs must have TTL 255 too.
io::TcpOptions listener_options(std::vector<io::Md5Key> keys);

// For a connection that was accepted (its key it has from the listener), and for one of our own.
io::TcpOptions accepted_options(const exchange::SessionPolicy& policy);
io::TcpOptions dialled_options(const net::IpAddress& address,
                               const exchange::SessionPolicy& policy);

}  // namespace fabrix::controller
