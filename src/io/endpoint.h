// Endpoint: where a stream socket is: an IP address with a port, or a path in the file system.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>

#include "net/ip_address.h"

namespace fabrix::io {

struct IpEndpoint {
  net::IpAddress address = net::IpAddress::unspecified(net::Family::kIpv4);
  std::uint16_t port = 0;

  friend auto operator<=>(const IpEndpoint&, const IpEndpoint&) = default;
};

// An empty path is a socket without a name, such as the client's end of a connection.
struct UnixEndpoint {
  std::string path;

  friend auto operator<=>(const UnixEndpoint&, const UnixEndpoint&) = default;
};

using Endpoint = std::variant<IpEndpoint, UnixEndpoint>;

// "192.0.2.1:179", "[2001:db8::1]:179", "unix:/run/fabrix/api.sock".
std::string to_string(const Endpoint& endpoint);

}  // namespace fabrix::io
