#include "daemon/update_timing.h"

#include <utility>

namespace fabrix::daemon {
namespace {

double seconds(UpdateTiming::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

UpdateTiming::UpdateTiming()
    : processing_(api::Histogram::with_buckets(
          {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1})),
      compiling_(api::Histogram::with_buckets({0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5})),
      propagation_(api::Histogram::with_buckets(
          {0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5})) {}

void UpdateTiming::decided(Clock::time_point now) {
  processing_.add(seconds(now - came_));
  if (!first_) first_ = came_;
}

void UpdateTiming::compiled(Clock::duration took) {
  compiling_.add(seconds(took));
}

void UpdateTiming::released(Clock::time_point now) {
  const auto first = std::exchange(first_, std::nullopt);
  if (first) propagation_.add(seconds(now - *first));
}

}  // namespace fabrix::daemon
