// Whether a switch's tables can do what flow entries want of them, by what the switch says
// (openflow/table_features.h), so that a Program is refused with the table and what it lacks.
//
// What the switch does not say, and extensions of Open vSwitch, pass: the switch itself refuses
// them. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "base/result.h"
#include "fabric/flow_plan.h"
#include "openflow/flow.h"
#include "openflow/table_features.h"

namespace fabrix::fabric {

class TableCheck {
 public:
  // Of a switch that says nothing: everything passes.
  TableCheck() = default;
  explicit TableCheck(std::vector<openflow::TableFeatures> tables);

  // Additions only: tables, what they match, lead to, set and do.
  Result<void> check(std::span<const openflow::FlowMod> mods) const;
  // Whether the plan has room, in the first bank's tables.
  Result<void> check_room(const FlowPlan& plan) const;

 private:
  std::map<std::uint8_t, openflow::TableFeatures> tables_;
};

}  // namespace fabrix::fabric
