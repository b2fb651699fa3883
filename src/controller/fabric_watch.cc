#include "controller/fabric_watch.h"

namespace fabrix::controller {

FabricWatch::FabricWatch(io::EventLoop& loop, Controller& controller,
                         std::chrono::milliseconds interval)
    : controller_(controller), interval_(interval), timer_(loop, [this] { look(); }) {
  if (interval_.count() > 0) timer_.start(interval_);
}

void FabricWatch::look() {
  controller_.check_fabric();
  timer_.start(interval_);
}

}  // namespace fabrix::controller
