// Rows of the admit table that say what no port lets in, each with its reason: RELIABILITY's port
// security. Frames that nothing above them admits end here, so that each is counted.
//
//   AMS-IX allowed traffic types 2.2 to 2.6; RFC 826, RFC 4861, RFC 6105; RFC 2131, RFC 8415; IEEE
//   802.1Q table 8-1 (reserved addresses)
//
// What enters nowhere leaves nowhere: every port has these rows, the route server's and middlebox
// ports too, so they hold in both directions.
//
// Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "exchange/exchange.h"
#include "net/mac_address.h"
#include "program/drop.h"
#include "program/program.h"

namespace fabrix::compiler {

// Of the admit table. What matches several of these goes by the highest.
enum AdmitPriority : std::uint16_t {
  kLinkControl = 100,
  kForFabrix = 90,      // ARP, ND for a virtual next hop
  kAddressLookup = 80,  // other ARP, ND
  kRefusedLookup = 75,  // not of the assigned pair; what only routers of a LAN with hosts may say
  kGroupDhcp = 73,
  kDhcp = 72,
  kBroadcast = 71,
  kGroupAddress = 70,
  kGroupAtMiddlebox = 69,
  kToPeeringPort = 60,    // BGP and BFD by destination port
  kFromPeeringPort = 55,  // BGP by source port
  kReturned = 52,         // to the owner of a middlebox port
  kOwnTagged = 50,        // from an address of its own on the peering LAN
  kOwnPlain = 48,
  kForeignSource = 45,  // from somebody else's
  kTagged = 40,
  kPlainIp = 30,
  kUnannouncedTagged = 22,  // from an address that its sender does not announce
  kUnannounced = 20,
  kForeignType = 12,
  kForeignMac = 8,
  kForeignFrame = 4,
};

// Adds those of an open port where frames come from these MACs.
void add_refusals(const exchange::Exchange& exchange, net::PortNo port,
                  const std::vector<net::MacAddress>& macs, std::vector<program::Row>& rows);
// Of a port that is not open: all that nothing above admits.
std::vector<program::Row> closed_rows(const exchange::Router& router);

// Room for more tests is asked for where a Match is made: there are tens of thousands, and what
// they do not use stays with them.

// Untagged frames that enter at the port; with that source MAC. With room for so many tests more.
program::Match untagged_at(net::PortNo port, std::size_t more = 0);
program::Match untagged_from(net::PortNo port, net::MacAddress mac, std::size_t more = 0);
// ICMPv6 of that type, where `from` says nothing of the type yet. Likewise.
program::Match icmp6(const program::Match& from, std::uint64_t type, std::size_t more = 0);
// A copy. Likewise.
program::Match roomy(const program::Match& match, std::size_t more);

// Adds the tests that an address of the packet lies in `prefix`. The Match has no test of it yet.
enum class AddressField : std::uint8_t { kSource, kDestination, kNdTarget };
void match_prefix(program::Match& match, AddressField field, const net::Prefix& prefix);
// How many tests that takes, or one more.
std::size_t tests_of(const net::Prefix& prefix);
void match_address(program::Match& match, AddressField field, const net::IpAddress& address);
// fe80::/10 (RFC 4291 2.4)
net::Prefix link_local();
std::uint16_t ether_type(net::Family family);

}  // namespace fabrix::compiler
