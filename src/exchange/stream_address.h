// Where a server of streams is: an address with a port, or a socket's path.
//
// Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "exchange/exchange.h"

namespace fabrix::exchange {

// A server of streams, there or on this machine.
struct StreamAddress {
  std::string path;      // of its socket; empty: it is at `server`
  ServerAddress server;  // by TCP

  friend bool operator==(const StreamAddress&, const StreamAddress&) = default;
};

// A TCP port: 0 .. 65535.
Result<std::uint16_t> parse_port(std::string_view text);

// "tcp:127.0.0.1:6653", "tcp:[::1]:6653", "unix:/run/fabrix/openflow.sock".
Result<StreamAddress> parse_stream_address(std::string_view text);

// As parse_stream_address() reads it.
std::string to_string(const StreamAddress& server);

}  // namespace fabrix::exchange
