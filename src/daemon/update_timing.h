// UpdateTiming: how long an exchange takes to decide about UPDATEs, to have a Program for what
// changed, and until members can be told. Times go forward. A value.
#pragma once

#include <chrono>
#include <optional>

#include "api/prometheus.h"

namespace fabrix::daemon {

class UpdateTiming {
 public:
  using Clock = std::chrono::steady_clock;

  UpdateTiming();

  // An UPDATE came; it is decided upon.
  void came(Clock::time_point now) { came_ = now; }
  void decided(Clock::time_point now);

  void compiled(Clock::duration took);

  // Members can be told of what came until now.
  void released(Clock::time_point now);

  const api::Histogram& processing() const { return processing_; }
  const api::Histogram& compiling() const { return compiling_; }
  // Of a burst: from its first UPDATE.
  const api::Histogram& propagation() const { return propagation_; }

 private:
  Clock::time_point came_;
  std::optional<Clock::time_point> first_;  // of those not released yet
  api::Histogram processing_;
  api::Histogram compiling_;
  api::Histogram propagation_;
};

}  // namespace fabrix::daemon
