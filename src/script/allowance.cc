#include "script/allowance.h"

#include <algorithm>
#include <cmath>

namespace fabrix::script {

void Allowance::fill(Time now) {
  if (now <= filled_) return;
  if (filled_ != Time{}) {
    const std::chrono::duration<double> passed = now - filled_;
    left_ = std::min(at_once_, left_ + passed.count() * each_second_);
  }
  filled_ = now;
}

bool Allowance::has_any(Time now) {
  fill(now);
  return left_ > 0;
}

void Allowance::spend(double amount, Time now) {
  fill(now);
  left_ -= amount;
}

bool Allowance::take(Time now) {
  if (!has_any(now)) return false;
  spend(1, now);
  return true;
}

std::chrono::milliseconds Allowance::wait(Time now) {
  if (has_any(now)) return std::chrono::milliseconds(0);
  constexpr double kLongest = 3600;
  const double seconds = std::min(kLongest, -left_ / each_second_);
  return std::chrono::milliseconds(1 + static_cast<long long>(std::ceil(seconds * 1000)));
}

}  // namespace fabrix::script
