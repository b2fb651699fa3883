// The agents of a path: "10.0.0.1;10.0.0.2", or ALL. Without a topology every port is at the edge,
// so EDGE is ALL too, and CORE and TOPOLOGY are no agents.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/ip_address.h"

namespace fabrix::analyzer {

struct AgentList {
  bool has_all = false;
  std::vector<net::IpAddress> agents;

  bool has_none() const { return !has_all && agents.empty(); }
};

Result<AgentList> parse_agents(std::string_view text);

}  // namespace fabrix::analyzer
