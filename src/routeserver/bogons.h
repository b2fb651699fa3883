// Bogons: prefixes and AS numbers that never occur in the routes between networks of the Internet.
//
// Special-purpose addresses and numbers by the IANA registries (RFC 6890), as far as they are not
// globally reachable; RFC 7454 §6.1.1 and MANRS ask for their refusal. Pure.
#pragma once

#include "net/asn.h"
#include "routeserver/prefix_ranges.h"

namespace fabrix::routeserver {

// Whether all of the prefix is special; the default route is not. IPv6: also outside 2000::/3.
bool is_bogon(const PrefixBits& prefix);

// Whether nobody has the number.
bool is_bogon(net::Asn asn);

}  // namespace fabrix::routeserver
