// Traffic: the kinds of traffic that the exchange tells apart before any policy, as predicates.
//
// One statement serves both the reference, which asks policy::holds(), and validate(), which makes
// diagrams of it.
//
//   RFC 826 ARP; RFC 4861 neighbour discovery; RFC 4271 BGP (TCP port 179); RFC 5881 BFD (UDP ports
//   3784 and 3785), RFC 5883 (4784)
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <vector>

#include "exchange/exchange.h"
#include "net/field.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "policy/predicate.h"

namespace fabrix::verify {

using policy::PredicatePtr;

PredicatePtr all_of(std::vector<PredicatePtr> operands);
PredicatePtr any_of(std::vector<PredicatePtr> operands);  // none: never holds
PredicatePtr negation(PredicatePtr operand);
PredicatePtr always();
PredicatePtr between(net::Field field, std::uint64_t low, std::uint64_t high);
PredicatePtr equals(net::Field field, std::uint64_t value);

// Address fields alone, without a test of what makes the header exist.
enum class AddressField : std::uint8_t { kSource, kDestination, kNdTarget };
PredicatePtr address_in(AddressField field, const net::Prefix& prefix);
PredicatePtr address_is(AddressField field, const net::IpAddress& address);

PredicatePtr is_ip();                  // untagged IPv4 or IPv6
PredicatePtr is_arp();                 // untagged
PredicatePtr is_neighbor_discovery();  // untagged solicitation or advertisement
PredicatePtr is_host_discovery();   // router solicitation, advertisement, redirect: not on this LAN
PredicatePtr is_bgp_or_bfd();       // untagged
PredicatePtr is_from_link_local();  // IPv6 source in fe80::/10 (RFC 4291 2.4)
PredicatePtr is_for(const net::Prefix& destination);
net::Prefix link_local();  // fe80::/10
PredicatePtr is_from(const net::Prefix& source);
PredicatePtr is_from_any(const std::vector<net::IpAddress>& sources);
PredicatePtr to_group_mac();

// What no port lets in (RELIABILITY, port security): see compiler/port_refusals.h.
PredicatePtr to_link_control();  // STP, LACP, LLDP, CDP
// To a group address, to one of the prefixes, or to a link-local address.
PredicatePtr is_dhcp_on(const std::vector<net::Prefix>& lan);
// Neighbour discovery that speaks for these addresses, or for a link-local one: what the receiver
// learns is the source of a solicitation and the target of an advertisement.
PredicatePtr is_discovery_of(const std::vector<net::IpAddress>& own);

}  // namespace fabrix::verify
