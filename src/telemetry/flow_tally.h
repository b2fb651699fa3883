// FlowTally: what one value of one flow comes to: the moving average of a sum, a mean, the least,
// the most or the last that there was, or how many different values there were
// (value_expression.h).
//
// A mean forgets as the moving average does: what came t ago weighs 1/e. A count, the least and the
// most are of the last kCountWindows t to twice that. Without t all is of all time. Time is an
// input. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>

#include "telemetry/distinct_counter.h"
#include "telemetry/flow_cache.h"
#include "telemetry/recent_extreme.h"
#include "telemetry/sample.h"
#include "telemetry/value_expression.h"

namespace fabrix::telemetry {

class FlowTally {
 public:
  using Smoothing = std::optional<std::chrono::duration<double>>;

  static constexpr int kCountWindows = 5;

  FlowTally(ValueExpression::Kind kind, Smoothing smoothing);

  // The sample is the flow's. One that says nothing of the value changes nothing.
  void add(const ValueExpression& value, const Sample& sample, Time now);

  double read(Time now) const;

  // What one value comes to of a flow that several data sources have: one at least. A count is at
  // least what it was at one of them.
  static double read_together(std::span<const FlowTally* const> tallies, Time now);

 private:
  double decay_until(Time now) const;

  ValueExpression::Kind kind_;
  Smoothing smoothing_;
  Time last_{};
  double sum_ = 0;
  double weight_ = 0;
  std::optional<RecentExtreme> extreme_;  // of kLeast and kMost
  std::optional<DistinctCounter> distinct_;
  std::string text_;  // of the sample at hand
};

}  // namespace fabrix::telemetry
