// Programs of the routing daemons: where they are installed, and how they are run in a router's
// network namespace.
//
// They are looked for in the folders of packages and of /usr/local, not in PATH: two of them are
// called bgpd, and PATH of ordinary users lacks sbin.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lab/daemon.h"

namespace fabrix::lab {

// What a daemon of this kind needs, for find_program(): "bird", "frr/bgpd", ...
std::vector<std::string_view> programs_of(DaemonKind kind);

// The path of an installed program.
Result<std::string> find_program(std::string_view name);

struct ProgramCall {
  std::string program;  // for find_program(), or a path if it begins with '/'
  std::vector<std::string> arguments;
  std::string network_namespace;
};

// Runs it to its end, seconds at most; stdout. Fails if the program does.
Result<std::string> run_program(const ProgramCall& call);

// Starts a program that stays in the foreground as a process of its own session, orphaned, so that
// it goes on when we end; its output is appended to the file `log`. What becomes of it is not
// watched: that it cannot be executed is in the log only.
Result<void> start_detached(const ProgramCall& call, const std::string& log);

// Asks every 50 ms until `question` succeeds or 10 s have passed; then its last error.
Result<void> wait_for_success(const std::function<Result<void>()>& question);

}  // namespace fabrix::lab
