// The parts of a route's message that more than one source of this module writes or reads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "io/netlink_codec.h"
#include "net/ip_address.h"

namespace fabrix::io {

// AF_INET or AF_INET6.
std::uint8_t address_family(net::Family family);

// Of a route to addresses of `family`; RFC 8950: the gateway may be of the other one.
void add_gateway(NetlinkWriter& message, net::Family family, const net::IpAddress& gateway);
std::optional<net::IpAddress> read_gateway(std::span<const NetlinkAttribute> attributes);

}  // namespace fabrix::io
