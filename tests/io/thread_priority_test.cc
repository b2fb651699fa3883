#include "io/thread_priority.h"

#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace fabrix::io {
namespace {

int niceness() {
  return getpriority(PRIO_PROCESS, 0);
}

TEST(ThreadPriorityTest, IsThatOfOneThreadAndNotOfThoseThatItStarts) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const int usual = niceness();
  int first = 0;
  int started = -1;
  std::thread([&first, &started] {
    if (!put_this_thread_first()) return;
    first = niceness();
    std::thread([&started] { started = niceness(); }).join();
  }).join();
  if (first == 0) GTEST_SKIP() << "the kernel does not allow it here";
  EXPECT_LT(first, 0);
  EXPECT_EQ(started, 0);
  EXPECT_EQ(niceness(), usual);
}

}  // namespace
}  // namespace fabrix::io
