#include "telemetry/flow_tally.h"

#include <algorithm>
#include <cmath>

namespace fabrix::telemetry {
namespace {

using Kind = ValueExpression::Kind;

Time window_of(const FlowTally::Smoothing& smoothing) {
  if (!smoothing) return Time::zero();
  return std::chrono::duration_cast<Time>(*smoothing * FlowTally::kCountWindows);
}

}  // namespace

FlowTally::FlowTally(ValueExpression::Kind kind, Smoothing smoothing)
    : kind_(kind), smoothing_(smoothing) {
  if (kind == Kind::kCount) distinct_.emplace(window_of(smoothing));
  if (kind == Kind::kLeast) extreme_.emplace(RecentExtreme::Of::kLeast, window_of(smoothing));
  if (kind == Kind::kMost) extreme_.emplace(RecentExtreme::Of::kMost, window_of(smoothing));
}

void FlowTally::add(const ValueExpression& value, const Sample& sample, Time now) {
  if (distinct_) {
    text_.clear();
    if (value.append(sample, text_)) distinct_->add(text_, now);
    return;
  }
  const auto number = value.number(sample);
  if (!number) return;
  if (extreme_) return extreme_->add(*number, now);
  const double decay = decay_until(now);
  const bool is_rate = kind_ == Kind::kSum && smoothing_;
  const double kept = kind_ == Kind::kLast ? 0 : decay;
  sum_ = sum_ * kept + (is_rate ? *number / smoothing_->count() : *number);
  weight_ = weight_ * kept + 1;
  last_ = std::max(last_, now);
}

double FlowTally::decay_until(Time now) const {
  if (!smoothing_ || now <= last_) return 1;
  return std::exp(-std::chrono::duration<double>(now - last_).count() / smoothing_->count());
}

double FlowTally::read(Time now) const {
  if (distinct_) return distinct_->count(now);
  if (extreme_) return extreme_->read(now).value_or(0);
  if (kind_ == Kind::kMean) return weight_ > 0 ? sum_ / weight_ : 0;
  return kind_ == Kind::kLast ? sum_ : sum_ * decay_until(now);
}

double FlowTally::read_together(std::span<const FlowTally* const> tallies, Time now) {
  const Kind kind = tallies.front()->kind_;
  if (kind == Kind::kLast) {
    return (*std::ranges::max_element(tallies, {}, &FlowTally::last_))->read(now);
  }
  double largest = 0;
  double sum = 0;
  double weight = 0;
  std::optional<RecentExtreme> extreme = tallies.front()->extreme_;
  for (const FlowTally* const tally : tallies) {
    if (kind == Kind::kCount) {
      largest = std::max(largest, tally->read(now));
    } else if (extreme) {
      if (const auto number = tally->extreme_->read(now)) extreme->add(*number, now);
    } else {
      const double decay = tally->decay_until(now);
      sum += tally->sum_ * decay;
      weight += tally->weight_ * decay;
    }
  }
  if (kind == Kind::kCount) return largest;
  if (extreme) return extreme->read(now).value_or(0);
  if (kind == Kind::kMean) return weight > 0 ? sum / weight : 0;
  return sum;
}

}  // namespace fabrix::telemetry
