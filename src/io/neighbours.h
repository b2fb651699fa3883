// The neighbour table: which MAC an IP address on a link has (ARP, RFC 4861).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/netlink_socket.h"
#include "net/ip_address.h"
#include "net/mac_address.h"

namespace fabrix::io {

struct Neighbour {
  std::string link;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::optional<net::MacAddress> mac;  // none while being resolved, or failed
  std::uint16_t state = 0;             // NUD_* of linux/neighbour.h

  friend bool operator==(const Neighbour&, const Neighbour&) = default;
};

Result<std::vector<Neighbour>> list_neighbours(NetlinkSocket& netlink);

// A permanent entry, or the replacement of what is there.
Result<void> add_neighbour(NetlinkSocket& netlink, const std::string& link,
                           const net::IpAddress& address, const net::MacAddress& mac);

// Forgets all but permanent entries of a link.
Result<void> flush_neighbours(NetlinkSocket& netlink, const std::string& link);

}  // namespace fabrix::io
