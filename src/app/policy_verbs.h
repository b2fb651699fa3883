// The verbs of `fabrix policy`, one function and one file each. They print to stdout, complain to
// stderr, and return what the process ends with.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "app/arguments.h"
#include "app/exit_code.h"

namespace fabrix::app {

ExitCode policy_check(const Arguments& arguments);    // check FILE...
ExitCode policy_format(const Arguments& arguments);   // fmt [--check] FILE...
ExitCode policy_explain(const Arguments& arguments);  // explain FILE PACKET
ExitCode policy_diff(const Arguments& arguments);     // diff OLD NEW
// set FILE, remove
ExitCode policy_change(const Arguments& arguments, const std::string& verb);

// A daemon's diagnostics (an array of api::to_json) of a text, rendered as those of `check` are.
std::string render_answer(const boost::json::value& diagnostics, std::string_view source);

extern const std::string_view kPolicyUsage;

}  // namespace fabrix::app
