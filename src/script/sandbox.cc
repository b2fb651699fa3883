#include "script/sandbox.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace fabrix::script {
namespace {

constexpr unsigned kNobody = 65534;

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "the numbers of this machine's system calls are not known here"
#endif

// What an interpreter needs that has been started already.
constexpr std::array kAllowed{
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_munmap, SYS_mremap, SYS_madvise, SYS_brk,
    SYS_futex, SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_getrandom, SYS_exit,
    SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_sigaltstack,
    SYS_sched_yield, SYS_nanosleep, SYS_clock_nanosleep, SYS_getpid, SYS_gettid, SYS_getrusage,
    SYS_sched_getaffinity, SYS_restart_syscall,
    // A thread that was made before, and begins now.
    SYS_set_robust_list, SYS_rseq};

// Memory may be mapped, but not to be executed: the third argument decides.
constexpr std::array kMapping{SYS_mmap, SYS_mprotect};

Error failed(const char* what) {
  return Error{std::string(what) + ": " + std::generic_category().message(errno)};
}

sock_filter statement(unsigned code, std::uint32_t value) {
  return BPF_STMT(static_cast<std::uint16_t>(code), value);
}

// Skips the next statement unless equal.
sock_filter unless_equal(long value) {
  return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(value), 0, 1);
}

std::vector<sock_filter> filter() {
  constexpr unsigned kLoad = BPF_LD | BPF_W | BPF_ABS;
  constexpr unsigned kReturn = BPF_RET | BPF_K;
  constexpr std::uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;
  constexpr std::uint32_t kThirdArgument = offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t);
  std::vector<sock_filter> program{
      statement(kLoad, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0),
      statement(kReturn, SECCOMP_RET_KILL_PROCESS),
      statement(kLoad, offsetof(seccomp_data, nr)),
  };
  for (const long call : kAllowed) {
    program.push_back(unless_equal(call));
    program.push_back(statement(kReturn, SECCOMP_RET_ALLOW));
  }
  for (const long call : kMapping) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 4));
    program.push_back(statement(kLoad, kThirdArgument));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
    program.push_back(statement(kReturn, kRefuse));
    program.push_back(statement(kReturn, SECCOMP_RET_ALLOW));
  }
  // Such a thread of the interpreter names itself, and crashes if it cannot.
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3));
  program.push_back(statement(kLoad, offsetof(seccomp_data, args)));
  program.push_back(unless_equal(PR_SET_NAME));
  program.push_back(statement(kReturn, SECCOMP_RET_ALLOW));
  program.push_back(statement(kReturn, kRefuse));
  return program;
}

Result<void> refuse_system_calls() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(failed("no_new_privs"));
  std::vector<sock_filter> program = filter();
  const sock_fprog all{.len = static_cast<unsigned short>(program.size()),
                       .filter = program.data()};
  const long done = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &all);
  if (done != 0) return fail(failed("seccomp"));
  return {};
}

Result<void> limit(__rlimit_resource resource, std::size_t most) {
  const rlimit both{.rlim_cur = most, .rlim_max = most};
  if (setrlimit(resource, &both) != 0) return fail(failed("setrlimit"));
  return {};
}

// Octets of private memory that can be written: what RLIMIT_DATA counts.
Result<std::size_t> data_now() {
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return fail(failed("/proc/self/status"));
  std::array<char, 8192> text{};
  const ssize_t size = read(file, text.data(), text.size() - 1);
  close(file);
  const char* const line = size > 0 ? std::strstr(text.data(), "VmData:") : nullptr;
  if (line == nullptr) return fail(Error{"/proc/self/status has no VmData"});
  constexpr std::size_t kKibi = 1024;
  return std::strtoull(line + std::strlen("VmData:"), nullptr, 10) * kKibi;
}

}  // namespace

Result<void> drop_privileges() {
  if (geteuid() == 0) {
    if (setgroups(0, nullptr) != 0) return fail(failed("setgroups"));
    if (setresgid(kNobody, kNobody, kNobody) != 0) return fail(failed("setresgid"));
    if (setresuid(kNobody, kNobody, kNobody) != 0) return fail(failed("setresuid"));
  }
  // A change of user forgets it.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return fail(failed("pdeathsig"));
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail(failed("no_new_privs"));
  return {};
}

Result<void> confine(std::size_t memory) {
  FABRIX_TRY(const std::size_t now, data_now());
  for (const auto& [resource, most] :
       {std::pair{RLIMIT_DATA, now + memory}, std::pair{RLIMIT_CORE, std::size_t{0}},
        std::pair{RLIMIT_FSIZE, std::size_t{0}}}) {
    if (auto done = limit(resource, most); !done) return done;
  }
  return refuse_system_calls();
}

}  // namespace fabrix::script
