// FamilySet: a set of address families, such as those whose unicast routes a session carries.
#pragma once

#include "net/ip_address.h"

namespace fabrix::bgp {

struct FamilySet {
  bool ipv4 = false;
  bool ipv6 = false;

  constexpr bool contains(net::Family family) const {
    return family == net::Family::kIpv4 ? ipv4 : ipv6;
  }
  constexpr bool empty() const { return !ipv4 && !ipv6; }
  constexpr void insert(net::Family family) { (family == net::Family::kIpv4 ? ipv4 : ipv6) = true; }

  friend bool operator==(const FamilySet&, const FamilySet&) = default;
};

constexpr FamilySet intersection(FamilySet a, FamilySet b) {
  return {.ipv4 = a.ipv4 && b.ipv4, .ipv6 = a.ipv6 && b.ipv6};
}

}  // namespace fabrix::bgp
