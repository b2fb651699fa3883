#include "controller/port_guard.h"

#include <string>

#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::controller {

using exchange::LockAction;
using exchange::Standing;

PortGuard::PortGuard(io::EventLoop& loop, Controller& controller, exchange::PortLocks locks,
                     std::chrono::milliseconds every)
    : controller_(controller),
      locks_(std::move(locks)),
      every_(every),
      timer_(loop, [this] { look(); }) {
  timer_.start(every_);
}

void PortGuard::look() {
  const auto found =
      watch_.look(controller_.exchange(), locks_, controller_.drops(), io::EventLoop::now());
  for (const LockViolation& each : found) close(each);
  timer_.start(every_);
}

void PortGuard::close(const LockViolation& violation) {
  const std::string name = controller_.exchange().router(violation.router).name;
  const bool shuts = locks_.of(name).action == LockAction::kShutdown;
  const std::string what = fmt::format("{} frames with a foreign source MAC in {} seconds",
                                       violation.frames, violation.lasted.count());
  io::log_warning("ports", fmt::format("locked router={} standing={} what=\"{}\"", name,
                                       shuts ? "shutdown" : "quarantine", what));
  controller_.lock_port(violation.router, shuts ? Standing::kShutDown : Standing::kQuarantined,
                        what);
  if (on_closed) on_closed(violation.router);
}

}  // namespace fabrix::controller
