// Rows of the admit table: who may send what, and where it goes next (SEMANTICS, step 1).
//
// Each router port lets pass untagged IPv4, IPv6 and ARP frames with the router's own source MAC,
// and of the peering LAN's addresses only the router's own as source. ARP and neighbour
// solicitations for a virtual next hop go to Fabrix; other ARP, ND, BGP and BFD on the peering LAN
// travel as control traffic, past all policies (RFC 826, RFC 4861, RFC 4271, RFC 5881). ARP and ND
// must speak for the router's own addresses, and are limited by the port. All else stops here, and
// is counted (compiler/port_refusals.h).
//
// Where a port checks where packets come from (exchange::SourceRule, RFC 3704 2.3), what its router
// sends is let in by one row, or two, for each block of addresses that its owner announces, and the
// rest stops, or is counted and goes on.
//
// A port in quarantine lets pass what its router says to the route server by ARP, ND, BGP and BFD,
// a port that is shut down nothing.
// A middlebox port gives back what policies sent through it: frames of one of the owner's routers,
// which go on as if they came from there, but are not counted again; and frames for one of them,
// from whomever, which go on to the next middlebox of the inbound policy's chains, or reach that
// router, without the policy seeing them again. Control traffic never
// passes there and is refused, ARP above all.
//
// Pure.
#pragma once

#include <vector>

#include "compiler/extras.h"
#include "exchange/exchange.h"
#include "program/program.h"

namespace fabrix::compiler {

// Of a participant: its tagged packets go through the outbound table; all that it sends is counted
// first, and goes through the outbound table, too, which leaves alone what bears no tag; and by
// which keys its packets are hashed, for its own outbound policy or any inbound policy to test.
struct Passage {
  bool has_outbound = false;
  bool is_counted = false;
  net::HashKeys hashes{};
  // Where what is for the owner goes on to from a middlebox; from others it reaches the router.
  std::vector<Detour> onward{};
  // What it announces, where its ports check where packets come from; null: they do not.
  const std::vector<net::Prefix>* sources = nullptr;
};
// At the ports of that participant, and at no other.
std::vector<program::Row> admit_rows(const exchange::Exchange& exchange, net::ParticipantId owner,
                                     const Passage& passage);
// At the port of the route server.
std::vector<program::Row> site_admit_rows(const exchange::Exchange& exchange);

}  // namespace fabrix::compiler
