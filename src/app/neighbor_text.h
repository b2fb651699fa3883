// A router that may have a BGP session, on a command line:
// "192.0.2.1,as=64500,id=10.0.0.1,ipv6,flowspec". Pure.
#pragma once

#include <string_view>

#include "base/result.h"
#include "speaker/neighbor.h"

namespace fabrix::app {

// as and id are ours. Also peer-as=, port= (we dial it), max-prefixes=, password=, flowspec6.
Result<speaker::NeighborOptions> parse_neighbor(std::string_view text);

}  // namespace fabrix::app
