#include "analyzer/agent_list.h"

#include <algorithm>

#include <fmt/format.h>

namespace fabrix::analyzer {

using telemetry::Topology;

bool AgentList::takes(const telemetry::DataSource& source, const Topology& topology) const {
  const Topology::Place place = topology.place_of(source);
  return has_all || (has_edge && place == Topology::Place::kEdge) ||
         (has_core && place == Topology::Place::kCore) ||
         (has_topology && topology.has_agent(source.agent)) ||
         std::ranges::find(agents, source.agent) != agents.end();
}

Result<AgentList> parse_agents(std::string_view text) {
  AgentList list;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    if (name == "ALL") {
      list.has_all = true;
    } else if (name == "EDGE") {
      list.has_edge = true;
    } else if (name == "CORE") {
      list.has_core = true;
    } else if (name == "TOPOLOGY") {
      list.has_topology = true;
    } else if (const auto address = net::IpAddress::parse(name)) {
      list.agents.push_back(*address);
    } else {
      return fail(Error{fmt::format("'{}' is no agent's address, and not ALL", name)});
    }
  }
  return list;
}

}  // namespace fabrix::analyzer
