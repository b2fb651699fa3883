// run_command(): runs a program to its end and returns what it said. Blocks; for tools and set-up
// work, never on the thread of a running event loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "base/result.h"
#include "io/spawn.h"

namespace fabrix::io {

struct CommandOptions {
  ProcessOptions process;
  std::chrono::milliseconds timeout{10'000};
  std::size_t max_output = std::size_t{64} << 20U;  // octets of each; more is cut off
};

struct CommandOutput {
  ExitStatus status;
  std::string out;
  std::string err;
};

// Fails if the program cannot be started, or has not ended in time: then it is killed with its
// process group. Any exit status is a success here; see run_checked().
Result<CommandOutput> run_command(const CommandOptions& options);

// stdout of a program that must succeed; the error names the program, its status and its stderr.
Result<std::string> run_checked(const CommandOptions& options);

}  // namespace fabrix::io
