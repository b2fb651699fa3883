// RecentExtreme: the most (or the least) of the numbers that there were lately.
//
// "Lately" is the window at hand and the one before it, so one to two windows, as of a
// DistinctCounter. Time is an input. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "telemetry/flow_cache.h"

namespace fabrix::telemetry {

class RecentExtreme {
 public:
  enum class Of : std::uint8_t { kLeast, kMost };

  // A window of zero is all time.
  RecentExtreme(Of of, Time window) : of_(of), window_(window) {}

  void add(double number, Time now) {
    if (const std::int64_t windows = ended(now); windows > 0) {
      before_ = windows == 1 ? now_ : std::nullopt;
      now_.reset();
      begin_ += windows * window_;
    }
    if (!before_ && !now_) begin_ = now;
    now_ = further(now_, number);
  }

  // None if there was none.
  std::optional<double> read(Time now) const {
    const std::int64_t windows = ended(now);
    if (windows > 1) return std::nullopt;
    return windows == 1 || !before_ ? now_ : further(now_, *before_);
  }

 private:
  // How many windows have ended since the one at hand began.
  std::int64_t ended(Time now) const {
    return window_ == Time::zero() || now < begin_ ? 0 : (now - begin_) / window_;
  }

  double further(const std::optional<double>& from, double number) const {
    if (!from) return number;
    return of_ == Of::kMost ? std::max(*from, number) : std::min(*from, number);
  }

  Of of_;
  Time window_;
  Time begin_{};
  std::optional<double> now_;
  std::optional<double> before_;
};

}  // namespace fabrix::telemetry
