// Neighbours that nobody listed: made when a session comes from one of the exchange's
// DynamicRanges, and taken away again.
//
// Each is a participant of its own with one router, called by AS number and address,
// "AS65001-192.0.2.9", which no listed one can be. It has no port on the fabric and no policy:
// Participant::dynamic is its range, Router::present is false though the router has an address. A
// listed router goes before every range, and of ranges the longest. Places of neighbours that are
// gone are used again, so ids are bounded by how many there were at a time. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "exchange/exchange.h"
#include "net/asn.h"
#include "net/ip_address.h"

namespace fabrix::exchange {

// The range that decides about a session from this address; null: there is none, or the address is
// a listed router's, the route server's or a virtual next hop.
const DynamicRange* range_of(const Exchange& exchange, const net::IpAddress& address);

// Whether the range is open to this AS. Never to the exchange's own: that would be no external
// session (RFC 4271 §1.1).
bool is_welcome(const Exchange& exchange, const DynamicRange& range, net::Asn asn);

// The neighbours that the range has now.
std::size_t neighbors_of(const Exchange& exchange, const DynamicRange& range);

enum class NoNeighbor : std::uint8_t {
  kLimit,   // the range has as many as it may
  kNoRoom,  // the exchange has as many participants or routers as it can
};

// Makes the neighbour. Its address is of range_of(), its AS is_welcome().
Result<void, NoNeighbor> add_neighbor(Exchange& exchange, const net::IpAddress& address,
                                      net::Asn asn);

// Takes it away; nothing if there is none.
void remove_neighbor(Exchange& exchange, const net::IpAddress& address);

// Those of the running exchange that the candidate has a place for, with the candidate's settings.
void keep_neighbors(const Exchange& running, Exchange& candidate);

}  // namespace fabrix::exchange
