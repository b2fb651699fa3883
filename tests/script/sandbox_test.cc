// What a confined process still can do: each trial in a child, which says by its exit code what it
// could.
#include "script/sandbox.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fabrix::script {
namespace {

constexpr std::size_t kMebi = std::size_t{1} << 20U;

// The exit code of a child that does this; -1 if a signal ended it.
int in_child(const std::function<int()>& what) {
  const pid_t child = fork();
  if (child == 0) _exit(what());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int confined(const std::function<int()>& what) {
  return in_child([&] { return confine(64 * kMebi) ? what() : 99; });
}

// By the kernel alone: an allocator that is sanitized asks for more.
void* map(std::size_t size, int protection) {
  const long address =
      syscall(SYS_mmap, nullptr, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is what the kernel returns
  return address == -1 ? nullptr : reinterpret_cast<void*>(address);
}

TEST(Sandbox, OpensNothing) {
  EXPECT_EQ(confined([] { return open("/etc/hostname", O_RDONLY) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(confined([] { return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(confined([] {
              return syscall(SYS_openat2, AT_FDCWD, "/etc/hostname", nullptr, 0) < 0 ? errno : 0;
            }),
            EPERM);
}

TEST(Sandbox, StartsNothing) {
  EXPECT_EQ(confined([] { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 ? errno : 0; }),
            EPERM);
  EXPECT_EQ(confined([] {
              execl("/bin/true", "true", nullptr);
              return errno;
            }),
            EPERM);
  EXPECT_EQ(confined([] { return kill(getppid(), 0) < 0 ? errno : 0; }), EPERM);
}

TEST(Sandbox, BoundsMemoryAndKeepsItFromBeingExecuted) {
  EXPECT_EQ(confined([] { return map(kMebi, PROT_READ | PROT_WRITE) != nullptr ? 0 : errno; }), 0);
  EXPECT_EQ(
      confined([] { return map(100 * kMebi, PROT_READ | PROT_WRITE) != nullptr ? 0 : errno; }),
      ENOMEM);
  EXPECT_EQ(confined([] { return map(kMebi, PROT_READ | PROT_EXEC) != nullptr ? 0 : errno; }),
            EPERM);
  EXPECT_EQ(confined([] {
              void* const memory = map(kMebi, PROT_READ | PROT_WRITE);
              return mprotect(memory, kMebi, PROT_READ | PROT_EXEC) == 0 ? 0 : errno;
            }),
            EPERM);
}

// Of the interpreter's, which may have been made before, and begin when all is confined.
TEST(Sandbox, LetsThreadsNameThemselves) {
  EXPECT_EQ(confined([] { return prctl(PR_SET_NAME, "late") == 0 ? 7 : errno; }), 7);
  EXPECT_EQ(confined([] { return prctl(PR_SET_DUMPABLE, 1) == 0 ? 7 : errno; }), EPERM);
}

TEST(Sandbox, KeepsWhatIsOpen) {
  EXPECT_EQ(confined([] { return write(2, "", 0) == 0 ? 7 : 0; }), 7);
}

TEST(Sandbox, RootBecomesNobody) {
  EXPECT_EQ(in_child([] {
              if (!drop_privileges()) return 1;
              if (geteuid() == 0 || setuid(0) == 0) return 2;
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace fabrix::script
