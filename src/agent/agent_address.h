// Which of a host's addresses an sFlow agent calls itself by.
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt) §5: agent_address, the same for good
//
// Pure. Fails, in words for an operator, if what the configuration asks for is not there.
#pragma once

#include <span>

#include "base/result.h"
#include "host/config.h"
#include "io/addresses.h"

namespace fabrix::agent {

// As the configuration says: an address, an interface's, or one in a prefix, the first that has
// any. Else IPv4 before IPv6, and what can be reached from elsewhere before what cannot.
Result<net::IpAddress> agent_address(const host::Config& config,
                                     std::span<const io::InterfaceAddress> addresses);

}  // namespace fabrix::agent
