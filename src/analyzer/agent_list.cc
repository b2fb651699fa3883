#include "analyzer/agent_list.h"

#include <algorithm>

#include <fmt/format.h>

namespace fabrix::analyzer {

Result<AgentList> parse_agents(std::string_view text) {
  AgentList list;
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(name.size() + 1, text.size()));
    if (name == "ALL" || name == "EDGE") {
      list.has_all = true;
    } else if (const auto address = net::IpAddress::parse(name)) {
      list.agents.push_back(*address);
    } else if (name != "CORE" && name != "TOPOLOGY") {
      return fail(Error{fmt::format("'{}' is no agent's address, and not ALL", name)});
    }
  }
  if (list.has_all) list.agents.clear();
  return list;
}

}  // namespace fabrix::analyzer
