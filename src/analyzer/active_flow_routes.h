// Active flows: the largest, where one of them is, what it is worth.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/route.h"
#include "base/result.h"
#include "telemetry/flow_table.h"

namespace fabrix::analyzer {

std::span<const Route> active_flow_routes();

// What a call asks for unless its parameters say otherwise.
struct ActiveFlowDefaults {
  std::size_t count = 100;        // maxFlows
  double minimum = 0;             // minValue
  std::string_view mode = "max";  // aggMode
  // Only flows whose keys have these values; a part that is empty stands for any.
  std::optional<std::string_view> key{};
};

// The flow's largest at those agents, as the call's parameters want them; fails with what is wrong
// with these.
Result<std::vector<telemetry::ReportedFlow>> active_flows(const Call& call,
                                                          const std::string& agents,
                                                          const telemetry::Flow& flow,
                                                          const ActiveFlowDefaults& defaults = {});

}  // namespace fabrix::analyzer
