#include "io/spawn.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/namespace.h"

namespace fabrix::io {
namespace {

// Where the child's way to exec can fail; indexes kStepTexts.
enum class Step : std::uint8_t { kNamespace, kDirectory, kDescriptors, kExecute };
constexpr std::array<std::string_view, 4> kStepTexts{"enter network namespace", "change directory",
                                                     "set up descriptors", "execute"};

struct Failure {
  Step step = Step::kExecute;
  int error = 0;
};

// All that the child needs, prepared before fork(): afterwards it must not allocate.
struct Plan {
  std::string program;
  std::vector<std::string> environment_texts;
  std::vector<char*> argv;
  std::vector<char*> envp;
  const char* directory = nullptr;
  FileDescriptor network_namespace;
  FileDescriptor null;
  OutputDescriptors output;
  ParentDeath parent_death = ParentDeath::kSurvive;
  pid_t parent = -1;
};

std::string search_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in Fabrix changes the environment.
  const char* path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return name;
}

std::vector<std::string> merged_environment(const ProcessOptions& options) {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::ranges::any_of(
        options.environment, [&](const auto& addition) { return addition.first == name; });
    if (!replaced) result.emplace_back(text);
  }
  for (const auto& [name, value] : options.environment) {
    result.push_back(std::string(name).append("=").append(value));
  }
  return result;
}

// exec takes char* for historical reasons; it does not write.
char* as_argument(const std::string& text) {
  return const_cast<char*>(text.c_str());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

std::vector<char*> as_arguments(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(as_argument(text));
  result.push_back(nullptr);
  return result;
}

Result<Plan> prepare(const ProcessOptions& options, const OutputDescriptors& output) {
  if (options.argv.empty()) return fail(Error{"no program given"});
  Plan plan;
  plan.program = search_path(options.argv.front());
  plan.environment_texts = merged_environment(options);
  plan.argv = as_arguments(options.argv);
  plan.envp = as_arguments(plan.environment_texts);
  if (!options.working_directory.empty()) plan.directory = options.working_directory.c_str();
  if (!options.network_namespace.empty()) {
    FABRIX_TRY(plan.network_namespace, open_namespace(options.network_namespace));
  }
  plan.null = FileDescriptor(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!plan.null.valid()) return fail(errno_error("/dev/null"));
  plan.output = output;
  plan.parent_death = options.parent_death;
  plan.parent = getpid();
  return plan;
}

void reset_signals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): after fork() there is one thread.
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool arrange_descriptors(const Plan& plan) {
  const int null = plan.null.get();
  const int out = plan.output.out < 0 ? null : plan.output.out;
  const int err = plan.output.err < 0 ? null : plan.output.err;
  const bool placed = dup2(null, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0;
  // Marks all others, instead of closing them: one of them tells the parent how exec went.
  return placed && syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
}

void die_with_parent(const Plan& plan) {
  if (plan.parent_death == ParentDeath::kSurvive) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);  // It was faster.
}

// In the child, up to exec: async-signal-safe calls only (signal-safety(7)).
Failure execute(const Plan& plan) {
  setpgid(0, 0);
  die_with_parent(plan);
  reset_signals();
  if (plan.network_namespace.valid() && setns(plan.network_namespace.get(), CLONE_NEWNET) != 0) {
    return {Step::kNamespace, errno};
  }
  if (plan.directory != nullptr && chdir(plan.directory) != 0) return {Step::kDirectory, errno};
  if (!arrange_descriptors(plan)) return {Step::kDescriptors, errno};
  execve(plan.program.c_str(), plan.argv.data(), plan.envp.data());
  return {Step::kExecute, errno};
}

// What went wrong before exec, if anything: at exec the pipe closes without a word.
Result<void> await_exec(int pipe, const std::string& program) {
  Failure failure;
  ssize_t count = 0;
  do {
    count = read(pipe, &failure, sizeof(failure));
  } while (count < 0 && errno == EINTR);
  if (count != ssize_t{sizeof(failure)}) return {};
  const auto step = std::string(kStepTexts.at(static_cast<std::size_t>(failure.step)));
  return fail(errno_error(program + ": cannot " + step, failure.error));
}

}  // namespace

std::string to_string(const ExitStatus& status) {
  if (status.signal != 0) return "killed by signal " + std::to_string(status.signal);
  return "exited with " + std::to_string(status.code);
}

Result<SpawnedProcess> spawn(const ProcessOptions& options, const OutputDescriptors& output) {
  FABRIX_TRY(const Plan plan, prepare(options, output));
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errno_error("pipe"));
  const FileDescriptor report(ends[0]);
  FileDescriptor report_end(ends[1]);
  const pid_t pid = fork();
  if (pid < 0) return fail(errno_error("fork"));
  if (pid == 0) {
    const Failure failure = execute(plan);
    [[maybe_unused]] const ssize_t told = write(report_end.get(), &failure, sizeof(failure));
    _exit(127);
  }
  report_end.close();
  SpawnedProcess process;
  process.pid = pid;
  process.pidfd = FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const auto executed = await_exec(report.get(), options.argv.front());
  if (executed && process.pidfd.valid()) return process;
  const Error error = executed ? errno_error("pidfd_open") : executed.error();
  kill(pid, SIGKILL);
  reap(process);
  return fail(error);
}

bool send_signal(const SpawnedProcess& process, int signal) {
  return syscall(SYS_pidfd_send_signal, process.pidfd.get(), signal, nullptr, 0) == 0;
}

void send_signal_to_group(const SpawnedProcess& process, int signal) {
  kill(-process.pid, signal);
}

ExitStatus reap(const SpawnedProcess& process) {
  siginfo_t info{};
  int waited = 0;
  do {
    waited = waitid(P_PID, static_cast<id_t>(process.pid), &info, WEXITED);
  } while (waited != 0 && errno == EINTR);
  if (waited != 0) return {.code = -1, .signal = 0};  // Somebody else has collected it.
  if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signal = 0};
  return {.code = 0, .signal = info.si_status};
}

}  // namespace fabrix::io
