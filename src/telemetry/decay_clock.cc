#include "telemetry/decay_clock.h"

#include <algorithm>
#include <cmath>

namespace fabrix::telemetry {
namespace {

using Seconds = std::chrono::duration<double>;

// Weights stay below e^50 times their values.
constexpr double kFarFromLandmark = 50;

}  // namespace

void DecayClock::move_to(Time now) {
  if (!begun_) {
    begun_ = true;
    now_ = landmark_ = now;
  }
  now_ = std::max(now_, now);
  if (!smoothing_) return;
  const double t = smoothing_->count();
  double past = Seconds(now_ - landmark_).count() / t;
  if (past > kFarFromLandmark) {
    landmark_ = now_;
    past = 0;
  }
  growth_ = std::exp(past);
  unit_ = growth_ / t;
}

double DecayClock::decay(Time passed) const {
  if (!smoothing_) return 1;
  return std::exp(-std::max(Seconds(passed).count(), 0.0) / smoothing_->count());
}

}  // namespace fabrix::telemetry
