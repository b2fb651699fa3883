#include "io/thread_priority.h"

#include <sched.h>
#include <sys/resource.h>

namespace fabrix::io {
namespace {

constexpr int kFirst = -10;  // of -20 .. 19: some ten times the usual one's share

}  // namespace

// To Linux 0 is the calling thread.
bool put_this_thread_first() {
  const sched_param usual{};
  return sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &usual) == 0 &&
         setpriority(PRIO_PROCESS, 0, kFirst) == 0;
}

}  // namespace fabrix::io
