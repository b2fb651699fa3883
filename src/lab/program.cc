#include "lab/program.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "io/command.h"
#include "io/file_descriptor.h"
#include "io/spawn.h"

namespace fabrix::lab {
namespace {

// Debian keeps FRR's daemons in /usr/lib/frr, others in /usr/libexec/frr.
constexpr std::array<std::string_view, 6> kFolders{
    "/usr/local/sbin/", "/usr/sbin/", "/usr/local/bin/", "/usr/bin/", "/usr/lib/", "/usr/libexec/"};

constexpr std::chrono::milliseconds kPollPeriod{50};
constexpr std::chrono::seconds kPatience{10};

Result<io::ProcessOptions> process_of(const ProgramCall& call) {
  FABRIX_TRY(std::string path, find_program(call.program));
  io::ProcessOptions process;
  process.argv = call.arguments;
  process.argv.insert(process.argv.begin(), std::move(path));
  process.network_namespace = call.network_namespace;
  return process;
}

// The status of a process that ends soon.
Result<io::ExitStatus> await_end(const io::SpawnedProcess& process) {
  pollfd ended{.fd = process.pidfd.get(), .events = POLLIN, .revents = 0};
  constexpr std::chrono::milliseconds kLimit = kPatience;
  const int ready = poll(&ended, 1, static_cast<int>(kLimit.count()));
  if (ready > 0) return io::reap(process);
  io::send_signal_to_group(process, SIGKILL);
  return fail(Error{"does not detach"});
}

}  // namespace

std::vector<std::string_view> programs_of(DaemonKind kind) {
  switch (kind) {
    case DaemonKind::kBird:
      return {"bird", "birdc"};
    case DaemonKind::kFrr:
      return {"frr/zebra", "frr/bgpd", "vtysh"};
    case DaemonKind::kOpenBgpd:
      return {"bgpd", "bgpctl"};
    case DaemonKind::kGoBgp:
      return {"gobgpd", "gobgp"};
  }
  return {};
}

Result<std::string> find_program(std::string_view name) {
  if (name.starts_with('/')) return std::string(name);
  for (const std::string_view folder : kFolders) {
    std::string path = std::string(folder).append(name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return fail(Error{std::string(name) + " is not installed"});
}

Result<std::string> run_program(const ProgramCall& call) {
  io::CommandOptions options;
  FABRIX_TRY(options.process, process_of(call));
  return io::run_checked(options);
}

Result<void> start_detached(const ProgramCall& call, const std::string& log) {
  FABRIX_TRY(io::ProcessOptions process, process_of(call));
  FABRIX_TRY(std::string setsid, find_program("setsid"));
  process.argv.insert(process.argv.begin(), {std::move(setsid), "--fork"});
  const io::FileDescriptor output(
      open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!output.valid()) return fail(io::errno_error(log));
  FABRIX_TRY(const io::SpawnedProcess starter,
             io::spawn(process, {.out = output.get(), .err = output.get()}));
  FABRIX_TRY(const io::ExitStatus status, await_end(starter));
  if (!status.success()) return fail(Error{call.program + ": " + io::to_string(status)});
  return {};
}

Result<void> wait_for_success(const std::function<Result<void>()>& question) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  Result<void> answer = question();
  while (!answer && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kPollPeriod);
    answer = question();
  }
  return answer;
}

}  // namespace fabrix::lab
