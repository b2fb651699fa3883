// Whether a flow specification can match any packet at all.
//
// RFC 8955 §4.2 allows rules that match nothing and asks not to propagate them; one of them (packet
// length above 65535) once took a whole network's routers down, so Fabrix neither propagates nor
// installs them. The answer is exact for each component on its own, and knows of conflicts between
// components what RFC 8955 §4.2.2 says: ports need TCP or UDP, TCP flags need TCP, ICMP types and
// codes need ICMP. Pure; O(n log n) in the number of tests.
#pragma once

#include <optional>

#include "bgp/flowspec.h"

namespace fabrix::bgp {

// The first component that no packet, or no packet that the others leave, can match; none: the rule
// can match.
std::optional<FlowSpecType> impossible_component(const FlowSpecRule& rule);

}  // namespace fabrix::bgp
