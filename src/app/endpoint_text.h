// Words of command lines about where and how fabrixd is connected: parse_endpoint():
// "tcp:127.0.0.1:6653", "tcp:[::1]:6653", "unix:/run/fabrix/openflow.sock".
#pragma once

#include <string_view>

#include "base/result.h"
#include "exchange/exchange.h"
#include "exchange/fabric_attach.h"
#include "io/endpoint.h"

namespace fabrix::app {

Result<io::Endpoint> parse_endpoint(std::string_view text);

// "linux" or "openflow".
Result<exchange::FabricType> parse_fabric_type(std::string_view text);

// "tc" or "xdp".
Result<exchange::FabricAttach> parse_fabric_attach(std::string_view text);

// The fencing token of a switch's master: 1 .. 2^63 - 1, since switches compare them as signed
// numbers (OpenFlow 1.3.5 §6.3.5).
Result<std::uint64_t> parse_generation(std::string_view text);

}  // namespace fabrix::app
