// Witness: a packet out of a set of packets, such as a person would write it.
#pragma once

#include <optional>

#include "diagram/diagram.h"
#include "net/packet.h"

namespace fabrix::compiler {

// A packet for which the predicate (over the policy fields) holds: a TCP segment from
// 100.0.0.1:1024 where nothing speaks against it. None: it holds for no packet.
std::optional<net::Packet> witness(diagram::Store& store, diagram::Diagram predicate);

}  // namespace fabrix::compiler
