// check_fsms(): the events and fsms of a parsed file to machines: names looked up, types checked,
// transitions written out, and the properties that they promise checked by going through all their
// states (policy/fsm_model.h). A property that does not hold is an error (P0505) with a run that
// shows why.
//
// What an fsm shows in its states, its expressions, is left to policy/elaborate.h. Pure but for the
// report. Time is bounded by the transitions (policy/fsm_machine.h) and by kMaxModelWork.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "policy/fsm_machine.h"
#include "policy/report.h"
#include "policy/syntax.h"

namespace fabrix::policy {

// Transitions looked at to check all properties of one file.
inline constexpr std::size_t kMaxModelWork = 20'000'000;

struct Fsms {
  std::vector<Event> events;
  std::vector<Machine> machines;  // as File::machines; some may be missing if the report failed
};

Fsms check_fsms(const File& file, Report& report);

// The states in which a condition holds. None: reported.
std::optional<StateSet> states_where(const FormulaPtr& condition, const Machine& machine,
                                     Report& report);

}  // namespace fabrix::policy
