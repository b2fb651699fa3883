// LoopLag: how long the event loop is busy with one thing, seen from a timer that is due every
// 100 ms: how late it is served is how long something else took, but for what fits in between.
//
// Loop's thread only.
#pragma once

#include "api/metrics.h"
#include "io/event_loop.h"

namespace fabrix::daemon {

class LoopLag {
 public:
  // Looks from now on.
  explicit LoopLag(io::EventLoop& loop);

  const api::LoopMetrics& metrics() const { return metrics_; }

 private:
  void look();

  io::Clock::time_point due_;
  api::LoopMetrics metrics_;
  io::Timer timer_;
};

}  // namespace fabrix::daemon
