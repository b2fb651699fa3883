// The agents of a path: "10.0.0.1;10.0.0.2", or ALL; by the topology EDGE, what is measured at its
// edge; CORE, at its links; TOPOLOGY, at all its nodes. Without a topology EDGE is ALL.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"
#include "telemetry/topology.h"

namespace fabrix::analyzer {

struct AgentList {
  bool has_all = false;
  bool has_edge = false;
  bool has_core = false;
  bool has_topology = false;
  std::vector<net::IpAddress> agents;

  bool takes(const telemetry::DataSource& source, const telemetry::Topology& topology) const;
};

Result<AgentList> parse_agents(std::string_view text);

}  // namespace fabrix::analyzer
