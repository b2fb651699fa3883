#include "daemon/loop_lag.h"

#include <algorithm>
#include <chrono>

namespace fabrix::daemon {
namespace {

constexpr std::chrono::milliseconds kPeriod{100};

}  // namespace

LoopLag::LoopLag(io::EventLoop& loop)
    : due_(io::EventLoop::now() + kPeriod), timer_(loop, [this] { look(); }) {
  metrics_.lag = api::Histogram::with_buckets({0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1});
  timer_.start_at(due_);
}

void LoopLag::look() {
  const auto now = io::EventLoop::now();
  const double lag = std::chrono::duration<double>(now - due_).count();
  metrics_.lag.add(lag);
  metrics_.longest_lag = std::max(metrics_.longest_lag, lag);
  due_ = now + kPeriod;
  timer_.start_at(due_);
}

}  // namespace fabrix::daemon
