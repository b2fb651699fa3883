// AddressSet: a set of IPv4 and IPv6 addresses that a policy spells out, and its algebra, exact.
//
// Both parts are normalized (policy/intervals.h). A regular value; any thread.
#pragma once

#include <vector>

#include "net/ip_address.h"
#include "net/prefix.h"
#include "policy/intervals.h"
#include "policy/predicate.h"

namespace fabrix::policy {

struct AddressSet {
  std::vector<Interval> v4;
  std::vector<Range128> v6;

  friend bool operator==(const AddressSet&, const AddressSet&) = default;
};

// The bits of an address as a number: 32 of them for IPv4.
Uint128 to_number(const net::IpAddress& address);

AddressSet single(const net::IpAddress& address);
AddressSet block(const net::Prefix& prefix);
// Both of one family; first <= last.
AddressSet range(const net::IpAddress& first, const net::IpAddress& last);

AddressSet unite(const AddressSet& a, const AddressSet& b);
AddressSet intersect(const AddressSet& a, const AddressSet& b);
AddressSet subtract(const AddressSet& a, const AddressSet& b);

// All other addresses of the families that `set` has members of.
AddressSet complement(const AddressSet& set);

// An IP packet whose address on that side is in `set`, prerequisite included.
PredicatePtr address_in(const AddressSet& set, Side side);

}  // namespace fabrix::policy
