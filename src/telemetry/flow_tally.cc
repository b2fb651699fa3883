#include "telemetry/flow_tally.h"

#include <algorithm>
#include <cmath>

namespace fabrix::telemetry {
namespace {

Time window_of(const FlowTally::Smoothing& smoothing) {
  if (!smoothing) return Time::zero();
  return std::chrono::duration_cast<Time>(*smoothing * FlowTally::kCountWindows);
}

}  // namespace

FlowTally::FlowTally(ValueExpression::Kind kind, Smoothing smoothing)
    : kind_(kind), smoothing_(smoothing) {
  if (kind == ValueExpression::Kind::kCount) distinct_.emplace(window_of(smoothing));
}

void FlowTally::add(const ValueExpression& value, const Sample& sample, Time now) {
  if (distinct_) {
    text_.clear();
    if (value.append(sample, text_)) distinct_->add(text_, now);
    return;
  }
  const auto number = value.number(sample);
  if (!number) return;
  const double decay = decay_until(now);
  const bool is_rate = kind_ == ValueExpression::Kind::kSum && smoothing_;
  sum_ = sum_ * decay + (is_rate ? *number / smoothing_->count() : *number);
  weight_ = weight_ * decay + 1;
  last_ = std::max(last_, now);
}

double FlowTally::decay_until(Time now) const {
  if (!smoothing_ || now <= last_) return 1;
  return std::exp(-std::chrono::duration<double>(now - last_).count() / smoothing_->count());
}

double FlowTally::read(Time now) const {
  if (distinct_) return distinct_->count(now);
  if (kind_ == ValueExpression::Kind::kMean) return weight_ > 0 ? sum_ / weight_ : 0;
  return sum_ * decay_until(now);
}

}  // namespace fabrix::telemetry
