#include "telemetry/distinct_counter.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace fabrix::telemetry {

std::int64_t DistinctCounter::ended(Time now) const {
  if (window_ <= Time::zero() || now <= begin_) return 0;
  return (now - begin_) / window_;
}

void DistinctCounter::add(std::string_view value, Time now) {
  if (now_.none()) begin_ = std::max(begin_, now);
  if (const auto windows = ended(now); windows > 0) {
    before_ = windows == 1 ? now_ : Seen();
    now_.reset();
    begin_ = windows == 1 ? begin_ + window_ : now;
  }
  now_.set(std::hash<std::string_view>()(value) % kBits);
}

double DistinctCounter::count(Time now) const {
  const auto windows = ended(now);
  if (windows > 1) return 0;
  const Seen seen = windows == 1 ? now_ : now_ | before_;
  const auto clear = kBits - seen.count();
  if (clear == 0) return kMost;
  return std::round(-static_cast<double>(kBits) *
                    std::log(static_cast<double>(clear) / static_cast<double>(kBits)));
}

}  // namespace fabrix::telemetry
