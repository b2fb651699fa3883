// What a switch says of its ports (openflow/port_stats.h) as what has passed the exchange's.
//
// A counter that the switch does not have is 0. Pure.
#pragma once

#include <span>

#include "fabric/port_counts.h"
#include "net/ids.h"
#include "openflow/port_stats.h"

namespace fabrix::fabric {

// Of these ports; others, as those between switches, are left out.
PortCounts port_counts_of(std::span<const openflow::PortStats> stats,
                          std::span<const net::PortNo> ports);

}  // namespace fabrix::fabric
