// Placeholders: what exchange.yaml needs and other configurations do not say.
//
// Deterministic: the same input gives the same file.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "net/ip_address.h"
#include "net/mac_address.h"
#include "net/prefix.h"

namespace fabrix::interchange {

// Derived from the address, in 00:00:5e:f0:00:00 to 00:00:5e:ff:ff:ff: IANA's block, where nothing
// is assigned, so that no router has it. (A locally administered address would be the usual choice,
// but exchange.yaml has those reserved for tags.) `attempt` gives others for an address whose first
// is taken.
net::MacAddress placeholder_mac(const net::IpAddress& address, unsigned attempt);

// A LAN that has all these addresses as hosts: for each family one prefix as long as possible, at
// most /24 and /64; or several, if it would be shorter than /8 and /32.
std::vector<net::Prefix> guess_lan(std::span<const net::IpAddress> addresses);

// The highest address of an IPv4 prefix, or the lowest but one of an IPv6 prefix, that is a host's
// and not taken.
std::optional<net::IpAddress> free_address(const net::Prefix& prefix,
                                           std::span<const net::IpAddress> taken);

}  // namespace fabrix::interchange
