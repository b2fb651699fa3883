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
  if (usual.turn == 0) GTEST_SKIP() << "this kernel knows of no turns";
  EXPECT_LT(first.turn, usual.turn);
  EXPECT_EQ(started.turn, usual.turn);
  EXPECT_EQ(standing().turn, usual.turn);
}

// Of the calling process's session; none: Linux does not share time out among them.
std::optional<int> niceness_of_session() {
  std::ifstream file("/proc/self/autogroup");
  std::string group;
  std::string word;
  int niceness = 0;
  if (!(file >> group >> word >> niceness)) return std::nullopt;
  return niceness;
}

TEST(ThreadPriorityTest, IsThatOfTheSessionThatTheProcessLeads) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  if (!niceness_of_session()) GTEST_SKIP() << "time is not shared out among sessions here";
  const pid_t child = fork();
  if (child == 0) {
    setsid();
    const bool is_first = put_this_thread_first();
    _exit(is_first ? -niceness_of_session().value_or(0) : 0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == 0) GTEST_SKIP() << "the kernel does not allow it here";
  EXPECT_EQ(WEXITSTATUS(status), 10);
}

}  // namespace
}  // namespace fabrix::io
