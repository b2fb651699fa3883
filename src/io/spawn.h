// spawn(): starts a program. The common part of ChildProcess and run_command().
//
// The child gets its own process group, default signal dispositions and an empty signal mask, stdin
// from /dev/null, and no descriptor of ours. A network namespace is entered by setns() in the child
// only. That the program cannot be executed is an error here, not an exit status.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

// Whether the child is killed (SIGKILL) when the thread that started it ends.
enum class ParentDeath : std::uint8_t { kSurvive, kKill };

struct ProcessOptions {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH unless it has a '/'
  std::vector<std::pair<std::string, std::string>> environment;  // added to ours, or replacing it
  std::string working_directory;                                 // empty: ours
  std::string network_namespace;                                 // by name; empty: ours
  ParentDeath parent_death = ParentDeath::kSurvive;
};

// How a process ended: by exit(code), or by a signal.
struct ExitStatus {
  int code = 0;    // when signal is 0
  int signal = 0;  // 0: it exited

  bool success() const { return code == 0 && signal == 0; }
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

// "exited with 1", "killed by signal 9".
std::string to_string(const ExitStatus& status);

struct SpawnedProcess {
  pid_t pid = -1;
  FileDescriptor pidfd;  // readable once the process has ended
};

// Output descriptors are lent for the call; -1 is /dev/null.
struct OutputDescriptors {
  int out = -1;
  int err = -1;
};

Result<SpawnedProcess> spawn(const ProcessOptions& options, const OutputDescriptors& output);

// Sends `signal` to the process; true if it was still there.
bool send_signal(const SpawnedProcess& process, int signal);

// Sends `signal` to the process and to what it started, as far as that stayed in its group.
void send_signal_to_group(const SpawnedProcess& process, int signal);

// Collects the status of a process that has ended (pidfd readable).
ExitStatus reap(const SpawnedProcess& process);

}  // namespace fabrix::io
