#include "io/thread_priority.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fabrix::io {
namespace {

struct Standing {
  int niceness = 0;
  std::uint64_t turn = 0;  // nanoseconds; 0: the kernel does not tell
};

// Of the calling thread.
Standing standing() {
  constexpr std::size_t kRuntime = 3;  // of struct sched_attr (sched_setattr(2)), in words
  std::array<std::uint64_t, 6> attributes{};
  syscall(SYS_sched_getattr, 0, attributes.data(), sizeof(attributes), 0);
  return {.niceness = getpriority(PRIO_PROCESS, 0), .turn = attributes[kRuntime]};
}

TEST(ThreadPriorityTest, IsThatOfOneThreadAndNotOfThoseThatItStarts) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const Standing usual = standing();
  bool is_first = false;
  Standing first;
  Standing started;
  std::thread([&] {
    is_first = put_this_thread_first();
    first = standing();
    std::thread([&started] { started = standing(); }).join();
  }).join();
  if (!is_first) GTEST_SKIP() << "the kernel does not allow it here";
  EXPECT_LT(first.niceness, 0);
  EXPECT_EQ(started.niceness, 0);
  EXPECT_EQ(standing().niceness, usual.niceness);
  const bool has_turns = usual.turn != 0;
  EXPECT_EQ(first.turn < usual.turn, has_turns);
  EXPECT_EQ(started.turn, usual.turn);
  EXPECT_EQ(standing().turn, usual.turn);
}

// Of the calling process's session; none: this kernel does not share time out among them.
std::optional<int> niceness_of_session() {
  std::ifstream file("/proc/self/autogroup");
  std::string group;
  std::string word;
  int niceness = 0;
  if (!(file >> group >> word >> niceness)) return std::nullopt;
  return niceness;
}

// Whether a session's niceness can be set here. It is another one then.
bool takes_niceness() {
  std::ofstream("/proc/self/autogroup") << -1;
  return niceness_of_session() == -1;
}

TEST(ThreadPriorityTest, IsThatOfTheSessionThatTheProcessLeads) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  constexpr int kNotAllowed = 1;
  constexpr int kNoSessions = 2;
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    if (!put_this_thread_first()) _exit(kNotAllowed);
    const int niceness = niceness_of_session().value_or(0);
    _exit(niceness != 0 || takes_niceness() ? -niceness : kNoSessions);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kNotAllowed) GTEST_SKIP() << "the kernel does not allow it here";
  if (WEXITSTATUS(status) == kNoSessions) return;  // it is the thread that goes first, no more
  EXPECT_EQ(WEXITSTATUS(status), 10);
}

}  // namespace
}  // namespace fabrix::io
