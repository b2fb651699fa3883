// The IP addresses of interfaces.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/netlink_socket.h"
#include "net/ip_address.h"

namespace fabrix::io {

struct InterfaceAddress {
  std::string link;
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint8_t length = 0;  // of the prefix that the link has

  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

// An address that is already there counts as added. IPv6 addresses are usable at once: no duplicate
// address detection (IFA_F_NODAD).
Result<void> add_address(NetlinkSocket& netlink, const InterfaceAddress& address);
Result<void> delete_address(NetlinkSocket& netlink, const InterfaceAddress& address);
Result<std::vector<InterfaceAddress>> list_addresses(NetlinkSocket& netlink);

}  // namespace fabrix::io
