// What a switch has counted of a port (OFPMP_PORT_STATS), and its form in messages.
//
//   OpenFlow 1.3.5 §7.3.5.6, OpenFlow 1.4.1 §7.3.5.7 (struct ofp_port_stats)
//
// A counter that the switch does not have is all ones, as it sends it. Properties of 1.4 (errors of
// Ethernet, optics) are skipped, and not written.
#pragma once

#include <cstdint>
#include <optional>

#include "net/ids.h"
#include "openflow/flow.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

struct PortStats {
  net::PortNo number{};
  std::uint64_t received_packets = 0;
  std::uint64_t sent_packets = 0;
  std::uint64_t received_octets = 0;
  std::uint64_t sent_octets = 0;
  std::uint64_t received_dropped = 0;
  std::uint64_t sent_dropped = 0;

  friend bool operator==(const PortStats&, const PortStats&) = default;
};

// None if it is not what it should be.
std::optional<PortStats> decode_port_stats_entry(ByteReader& in, Version version);
void encode_port_stats_entry(const PortStats& stats, Version version, WireWriter& out);

}  // namespace fabrix::openflow
