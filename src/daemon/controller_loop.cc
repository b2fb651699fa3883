#include "daemon/controller_loop.h"

#include <utility>

namespace fabrix::daemon {

ControllerLoop::ControllerLoop(io::EventLoop& loop, controller::Controller& controller)
    : loop_(loop),
      controller_(controller),
      wake_(loop, [&controller] { controller.wake(io::EventLoop::now()); }),
      queries_(loop,
               [this] {
                 controller_.read_queries();
                 queries_.start(controller::kReadQueriesEvery);
               }),
      drops_(loop, [this] {
        controller_.read_drops();
        drops_.start(controller::kReadDropsEvery);
      }) {
  controller_.on_change = [this] { settle_soon(); };
  controller_.on_wait = [this](io::Clock::time_point at) { wake_.start_at(at); };
  queries_.start(controller::kReadQueriesEvery);
  drops_.start(controller::kReadDropsEvery);
}

ControllerLoop::~ControllerLoop() {
  controller_.on_change = nullptr;
  controller_.on_wait = nullptr;
  *posted_ = false;
}

void ControllerLoop::settle_soon() {
  if (std::exchange(*posted_, true)) return;
  loop_.post([&controller = controller_, posted = posted_] {
    if (std::exchange(*posted, false)) controller.settle(io::EventLoop::now());
  });
}

}  // namespace fabrix::daemon
