// Abuse frames: what no member may send into an exchange, as octets, each by a name.
//
//   AMS-IX allowed traffic types 2.2 to 2.6; IEEE 802.1Q (STP, GVRP, tags), 802.1AB (LLDP), 802.1X,
//   802.3 (PAUSE, LACP), 802.2 (LLC); RFC 826, 4861, 6105, 7113 (ARP, ND, router advertisements and
//   ways around their filters), 2131, 8415 (DHCP)
//
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "net/ip_address.h"
#include "net/mac_address.h"

namespace fabrix::lab {

// A router, or the route server, on a LAN with both families.
struct AbuseParty {
  net::MacAddress mac;
  net::IpAddress ip4 = net::IpAddress::unspecified(net::Family::kIpv4);
  net::IpAddress ip6 = net::IpAddress::unspecified(net::Family::kIpv6);
};

struct AbuseParties {
  AbuseParty offender;
  AbuseParty victim;
  AbuseParty server;
  AbuseParty nobody;          // addresses of the LAN and a MAC that nobody has
  net::IpAddress virtual_ip;  // a virtual next hop, IPv4
};

// In the order of docs/lab.md.
std::vector<std::string_view> abuse_names();
// None: no frame is called so.
std::optional<std::vector<std::byte>> abuse_frame(std::string_view name,
                                                  const AbuseParties& parties);

// What every port lets in, after which nothing that was sent before is under way: from the
// offender's address to port 179 of the other, a TCP segment that resets nothing there is.
std::vector<std::byte> harmless_frame(const AbuseParty& from, const AbuseParty& to);

}  // namespace fabrix::lab
