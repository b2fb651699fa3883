// Rows of the admit table: who may send what, and where it goes next (SEMANTICS, step 1).
//
// Each router port lets pass untagged IPv4, IPv6 and ARP frames with the router's own source MAC.
// ARP and neighbour solicitations for a virtual next hop go to Fabrix, if they come from the
// router's own addresses; other ARP, ND, BGP and BFD on the peering LAN travel as control traffic,
// past all policies (RFC 826, RFC 4861, RFC 4271, RFC 5881). Router solicitations, advertisements
// and redirects and everything else to a group address stop here.
//
// Pure.
#pragma once

#include <vector>

#include "exchange/exchange.h"
#include "net/prefix.h"
#include "program/program.h"

namespace fabrix::compiler {

// By participant: its tagged packets go through the outbound table; all that it sends is counted
// first, and goes through the outbound table, too, which leaves alone what bears no tag.
struct Passage {
  bool has_outbound = false;
  bool is_counted = false;
};
std::vector<program::Row> admit_rows(const exchange::Exchange& exchange,
                                     const std::vector<Passage>& passages);

// Adds the tests that an address of the packet lies in `prefix`. The Match has no test of it yet.
enum class AddressField : std::uint8_t { kSource, kDestination, kNdTarget };
void match_prefix(program::Match& match, AddressField field, const net::Prefix& prefix);
void match_address(program::Match& match, AddressField field, const net::IpAddress& address);

}  // namespace fabrix::compiler
