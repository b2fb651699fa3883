// check_machine(): one fsm of a parsed file to a machine: names looked up, types checked, cases
// complete, transitions written out.
//
// Pure but for the report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "policy/fsm_machine.h"
#include "policy/fsm_syntax.h"
#include "policy/report.h"

namespace fabrix::policy {

// None: reported.
std::optional<Machine> check_machine(const MachineSyntax& syntax, const std::vector<Event>& events,
                                     Report& report);

// The values of a type. None: reported.
std::optional<std::vector<std::string>> values_of(const DomainSyntax& domain, Report& report);

}  // namespace fabrix::policy
