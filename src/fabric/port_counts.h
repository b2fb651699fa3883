// What has passed the ports of a fabric: frames and octets, in and out, as they would be on a wire.
//
// Counters of the target's own: they go on as long as the port is there, over changes of Programs
// and restarts of the daemon, and begin anew where the target does.
#pragma once

#include <cstdint>
#include <map>

#include "fabric/query_counts.h"
#include "net/ids.h"

namespace fabrix::fabric {

struct PortCount {
  QueryCount in;                // that came, also those that went no further
  QueryCount out;               // that left
  std::uint64_t discarded = 0;  // of those that came, frames that nobody got

  friend bool operator==(const PortCount&, const PortCount&) = default;
};

using PortCounts = std::map<net::PortNo, PortCount>;

}  // namespace fabrix::fabric
