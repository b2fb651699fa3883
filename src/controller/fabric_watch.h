// FabricWatch: has the controller read the fabric again and again, so that what somebody else
// changes in it is found, corrected and told (Controller::check_fabric()): SEMANTICS, "Change".
//
// One question at a time; a fabric that is slower than the interval is asked when it has answered.
// Loop's thread only.
#pragma once

#include <chrono>

#include "controller/controller.h"
#include "io/event_loop.h"

namespace fabrix::controller {

// What somebody changed is right again within five seconds (RELIABILITY, "Flow drift").
inline constexpr std::chrono::seconds kAuditEvery{4};

class FabricWatch {
 public:
  // Zero: never. Both must outlive it.
  FabricWatch(io::EventLoop& loop, Controller& controller, std::chrono::milliseconds interval);

 private:
  void look();

  Controller& controller_;
  std::chrono::milliseconds interval_;
  io::Timer timer_;
};

}  // namespace fabrix::controller
