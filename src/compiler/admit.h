// Rows of the admit table: who may send what, and where it goes next (SEMANTICS, step 1).
//
// Each router port lets pass untagged IPv4, IPv6 and ARP frames with the router's own source MAC.
// ARP and neighbour solicitations for a virtual next hop go to Fabrix, if they come from the
// router's own addresses; other ARP, ND, BGP and BFD on the peering LAN travel as control traffic,
// past all policies (RFC 826, RFC 4861, RFC 4271, RFC 5881). Router solicitations, advertisements
// and redirects and everything else to a group address stop here.
//
// A middlebox port gives back what policies sent through it: frames of one of the owner's routers,
// which go on as if they came from there, but are not counted again; and frames for one of them,
// from whomever, which reach it without the inbound policy seeing them again. Control traffic never
// passes there and is refused, ARP above all.
//
// Pure.
#pragma once

#include <vector>

#include "exchange/exchange.h"
#include "net/prefix.h"
#include "program/program.h"

namespace fabrix::compiler {

// By participant: its tagged packets go through the outbound table; all that it sends is counted
// first, and goes through the outbound table, too, which leaves alone what bears no tag; and by
// which keys its packets are hashed, for its own outbound policy or any inbound policy to test.
struct Passage {
  bool has_outbound = false;
  bool is_counted = false;
  net::HashKeys hashes{};
};
std::vector<program::Row> admit_rows(const exchange::Exchange& exchange,
                                     const std::vector<Passage>& passages);

// Adds the tests that an address of the packet lies in `prefix`. The Match has no test of it yet.
enum class AddressField : std::uint8_t { kSource, kDestination, kNdTarget };
void match_prefix(program::Match& match, AddressField field, const net::Prefix& prefix);
void match_address(program::Match& match, AddressField field, const net::IpAddress& address);

}  // namespace fabrix::compiler
