// The verbs of `fabrix policy`, one function and one file each. They print to stdout, complain to
// stderr, and return what the process ends with.
#pragma once

#include <string>
#include <string_view>

#include "app/arguments.h"
#include "app/exit_code.h"

namespace fabrix::app {

ExitCode policy_check(const Arguments& arguments);    // check FILE...
ExitCode policy_format(const Arguments& arguments);   // fmt [--check] FILE...
ExitCode policy_explain(const Arguments& arguments);  // explain FILE PACKET
ExitCode policy_diff(const Arguments& arguments);     // diff OLD NEW
// set FILE, remove
ExitCode policy_change(const Arguments& arguments, const std::string& verb);

extern const std::string_view kPolicyUsage;

}  // namespace fabrix::app
