// DecayClock: what an amount weighs now, so that it can be compared with amounts of other times
// without bringing them up to date (forward decay; Cormode, Shkapenyuk, Srivastava, Xu 2009).
//
// Weights are relative to a landmark in time: one that came t after it weighs e times as much. The
// landmark moves when that is much; weights of an earlier one are worth decay() of them then. One
// clock serves all flows that are smoothed alike, and most samples that come together come at one
// time: the exponential is taken once for them. Without t all weigh the same for ever.
//
// Time is an input; going back in time counts as no time. A regular value. Pure.
#pragma once

#include <chrono>
#include <optional>

namespace fabrix::telemetry {

// Since 1970, or any other beginning.
using Time = std::chrono::nanoseconds;

class DecayClock {
 public:
  using Smoothing = std::optional<std::chrono::duration<double>>;

  // The landmark is the first time of advance().
  explicit DecayClock(const Smoothing& smoothing) : smoothing_(smoothing) {}

  void advance(Time now) {
    if (now != now_ || !begun_) move_to(now);
  }

  const Smoothing& smoothing() const { return smoothing_; }
  Time now() const { return now_; }
  Time landmark() const { return landmark_; }

  // What a weight of 1 at the landmark weighs now. At least 1.
  double growth() const { return growth_; }

  // What an amount of 1, per second of t, weighs now.
  double unit() const { return unit_; }

  // What is left of a weight after so much time.
  double decay(Time passed) const;

 private:
  void move_to(Time now);

  Smoothing smoothing_;
  bool begun_ = false;
  Time now_{};
  Time landmark_{};
  double growth_ = 1;
  double unit_ = 1;
};

}  // namespace fabrix::telemetry
