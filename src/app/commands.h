// The commands of `fabrix`, one function each. They print to stdout, complain to stderr, and return
// what the process ends with.
#pragma once

#include <span>
#include <string>

#include "app/exit_code.h"

namespace fabrix::app {

using Words = std::span<const std::string>;

ExitCode show_command(Words words);      // fabrix show participants|sessions|...
ExitCode trace_command(Words words);     // fabrix trace [--lab NAME] ROUTER PACKET
ExitCode policy_command(Words words);    // fabrix policy check|set|remove
ExitCode simulate_command(Words words);  // fabrix simulate EXCHANGE.yaml SCRIPT
ExitCode lab_command(Words words);       // fabrix lab list|run|check|...

// Where a daemon's socket is: --socket, else the lab's (--lab), else $FABRIX_SOCKET, else
// /run/fabrix/fabrix.sock.
class Arguments;
std::string socket_path(const Arguments& arguments);

// An error of the command itself, to stderr.
ExitCode complain(ExitCode code, const std::string& message);

}  // namespace fabrix::app
