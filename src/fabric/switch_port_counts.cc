#include "fabric/switch_port_counts.h"

#include <algorithm>

namespace fabrix::fabric {
namespace {

// OpenFlow 1.4.1 §7.3.5.7: all ones, if it is not there.
std::uint64_t known(std::uint64_t count) {
  return count == ~std::uint64_t{0} ? 0 : count;
}

}  // namespace

PortCounts port_counts_of(std::span<const openflow::PortStats> stats,
                          std::span<const net::PortNo> ports) {
  PortCounts counts;
  for (const openflow::PortStats& port : stats) {
    if (std::ranges::find(ports, port.number) == ports.end()) continue;
    counts[port.number] = {
        .in = {.packets = known(port.received_packets), .octets = known(port.received_octets)},
        .out = {.packets = known(port.sent_packets), .octets = known(port.sent_octets)},
        .discarded = known(port.received_dropped)};
  }
  return counts;
}

}  // namespace fabrix::fabric
