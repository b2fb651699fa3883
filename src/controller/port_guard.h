// PortGuard: closes ports where frames with a foreign source MAC keep coming in, as their locks say
// (exchange/port_locks.h), by the same means as `fabrix port` (Controller::lock_port()): what is
// closed stays closed until an operator releases it.
//
// Looks again and again at what the controller has last read of drops. Loop's thread only.
#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "controller/controller.h"
#include "controller/lock_watch.h"
#include "exchange/port_locks.h"
#include "io/event_loop.h"

namespace fabrix::controller {

class PortGuard {
 public:
  // Both must outlive it.
  PortGuard(io::EventLoop& loop, Controller& controller, exchange::PortLocks locks,
            std::chrono::milliseconds every = kReadDropsEvery);

  const exchange::PortLocks& locks() const { return locks_; }
  void configured(exchange::PortLocks locks) { locks_ = std::move(locks); }

  // It has closed that port. Its sessions are somebody else's business.
  std::function<void(net::RouterId)> on_closed;

 private:
  void look();
  void close(const LockViolation& violation);

  Controller& controller_;
  exchange::PortLocks locks_;
  std::chrono::milliseconds every_;
  LockWatch watch_;
  io::Timer timer_;
};

}  // namespace fabrix::controller
