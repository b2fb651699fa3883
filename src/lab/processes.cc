#include "lab/processes.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/number.h"
#include "io/file_descriptor.h"
#include "io/namespace.h"

namespace fabrix::lab {
namespace {

using Clock = std::chrono::steady_clock;
using Identity = std::pair<dev_t, ino_t>;  // of a namespace's file

std::set<Identity> identities_of(std::span<const std::string> namespaces) {
  std::set<Identity> result;
  for (const std::string& name : namespaces) {
    const auto file = io::open_namespace(name);
    struct stat status {};
    if (file && fstat(file->get(), &status) == 0) result.emplace(status.st_dev, status.st_ino);
  }
  return result;
}

// A process that is gone, or a zombie, is in no namespace.
bool lives_in(const std::set<Identity>& wanted, const std::string& process_directory) {
  struct stat status {};
  if (stat((process_directory + "/ns/net").c_str(), &status) != 0) return false;
  return wanted.contains({status.st_dev, status.st_ino});
}

struct Doomed {
  pid_t pid = -1;
  io::FileDescriptor handle;
};

// Opens a handle first and looks again then: the id cannot be another process's any more.
std::vector<Doomed> take_hold(const std::set<Identity>& wanted, const std::vector<pid_t>& pids) {
  std::vector<Doomed> result;
  for (const pid_t pid : pids) {
    io::FileDescriptor handle(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    if (!handle.valid() || !lives_in(wanted, fmt::format("/proc/{}", pid))) continue;
    result.push_back({pid, std::move(handle)});
  }
  return result;
}

void send_to_all(const std::vector<Doomed>& doomed, int signal) {
  for (const Doomed& each : doomed) {
    syscall(SYS_pidfd_send_signal, each.handle.get(), signal, nullptr, 0);
  }
}

// Waits until all have ended; those that have not are left.
void await(std::vector<Doomed>& doomed, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (Doomed& each : doomed) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd wait{.fd = each.handle.get(), .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, std::max(0, static_cast<int>(left.count()))) > 0) each.handle.close();
  }
  std::erase_if(doomed, [](const Doomed& each) { return !each.handle.valid(); });
}

}  // namespace

std::vector<pid_t> processes_in(std::span<const std::string> namespaces) {
  const auto wanted = identities_of(namespaces);
  std::vector<pid_t> result;
  if (wanted.empty()) return result;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator("/proc", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename();
    const auto pid = parse_number<pid_t>(name);
    if (!pid || *pid == getpid()) continue;
    if (lives_in(wanted, entry->path())) result.push_back(*pid);
  }
  return result;
}

Result<void> end_processes_in(std::span<const std::string> namespaces,
                              std::chrono::milliseconds grace) {
  constexpr int kRounds = 3;  // A process may have started another one meanwhile.
  const auto wanted = identities_of(namespaces);
  for (int round = 0; round < kRounds; ++round) {
    auto doomed = take_hold(wanted, processes_in(namespaces));
    if (doomed.empty()) return {};
    send_to_all(doomed, SIGTERM);
    await(doomed, grace);
    send_to_all(doomed, SIGKILL);
    await(doomed, grace);
  }
  const auto left = processes_in(namespaces);
  if (left.empty()) return {};
  return fail(Error{fmt::format("process {} does not end", left.front())});
}

}  // namespace fabrix::lab
