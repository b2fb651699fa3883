// ControllerLoop: runs a controller on an event loop: a burst of events becomes one round of it, it
// is woken for what waits, and what queries and ports have counted is read again and again.
//
// Loop's thread only. Sets the controller's on_change and on_wait.
#pragma once

#include <memory>

#include "controller/controller.h"
#include "io/event_loop.h"

namespace fabrix::daemon {

class ControllerLoop {
 public:
  // Both outlive it.
  ControllerLoop(io::EventLoop& loop, controller::Controller& controller);
  ~ControllerLoop();
  ControllerLoop(const ControllerLoop&) = delete;
  ControllerLoop& operator=(const ControllerLoop&) = delete;
  ControllerLoop(ControllerLoop&&) = delete;
  ControllerLoop& operator=(ControllerLoop&&) = delete;

 private:
  void settle_soon();

  io::EventLoop& loop_;
  controller::Controller& controller_;
  // Whether a round is to come; what has been posted for it may outlive this.
  std::shared_ptr<bool> posted_ = std::make_shared<bool>(false);
  io::Timer wake_;
  io::Timer queries_;
  io::Timer drops_;
};

}  // namespace fabrix::daemon
