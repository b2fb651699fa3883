// Interrupts: Ctrl-C and friends as a question, so that a lab that is being started or checked is
// removed properly instead of being left behind.
//
// One guard at a time; the main thread's.
#pragma once

namespace fabrix::lab {

// While it lives SIGINT, SIGTERM and SIGHUP only set a flag.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  InterruptGuard(InterruptGuard&&) = delete;
  InterruptGuard& operator=(InterruptGuard&&) = delete;
};

// Whether one of the signals has come since the guard was made; false without a guard.
bool interrupted();

}  // namespace fabrix::lab
