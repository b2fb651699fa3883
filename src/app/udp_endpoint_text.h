// Where UDP datagrams go or come, on a command line: "192.0.2.1", "192.0.2.1:6343", "2001:db8::1",
// "[2001:db8::1]:6343".
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/endpoint.h"

namespace fabrix::app {

// Without a port it is `port`.
Result<io::IpEndpoint> parse_udp_endpoint(std::string_view text, std::uint16_t port);

// Several, separated by commas: one at least.
Result<std::vector<io::IpEndpoint>> parse_udp_endpoints(std::string_view text, std::uint16_t port);

}  // namespace fabrix::app
