// The processes of network namespaces: found by /proc/PID/ns/net, ended by process descriptor, so
// that nothing is ever ended by name and a reused process id is never hit.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace fabrix::lab {

inline constexpr std::chrono::milliseconds kGrace{2000};

// Other processes than ours whose network namespace is one of these. Names of namespaces that do
// not exist count for nothing.
std::vector<pid_t> processes_in(std::span<const std::string> namespaces);

// Ends them all: SIGTERM, then SIGKILL to what is left after `grace`. Fails if something survives.
Result<void> end_processes_in(std::span<const std::string> namespaces,
                              std::chrono::milliseconds grace = kGrace);

}  // namespace fabrix::lab
