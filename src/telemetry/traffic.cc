#include "telemetry/traffic.h"

#include <algorithm>
#include <cmath>

namespace fabrix::telemetry {

double Traffic::decay(Time now) const {
  const std::chrono::duration<double> passed = now - last_;
  return std::exp(-std::max(passed / std::chrono::duration<double>(kSmoothing), 0.0));
}

void Traffic::add(std::uint64_t frames, std::uint64_t octets, Time now) {
  constexpr double kSeconds = std::chrono::duration<double>(kSmoothing).count();
  const double kept = decay(now);
  frame_rate_ = frame_rate_ * kept + static_cast<double>(frames) / kSeconds;
  octet_rate_ = octet_rate_ * kept + static_cast<double>(frames * octets) / kSeconds;
  frames_ += frames;
  octets_ += frames * octets;
  last_ = std::max(last_, now);
}

std::size_t TrafficTable::Hash::operator()(const TrafficKey& key) const noexcept {
  std::uint64_t hash = 0;
  for (const std::uint64_t word : key) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    hash ^= hash >> 32U;
  }
  return hash;
}

void TrafficTable::add(const TrafficKey& key, std::uint64_t frames, std::uint64_t octets,
                       Time now) {
  const auto found = rows_.find(key);
  if (found != rows_.end()) {
    found->second.add(frames, octets, now);
  } else if (rows_.size() < kMaxRows) {
    rows_[key].add(frames, octets, now);
  } else {
    others_.add(frames, octets, now);
  }
}

void TrafficTable::forget_idle(Time now) {
  std::erase_if(rows_, [&](const auto& row) { return row.second.last() + kIdle < now; });
}

}  // namespace fabrix::telemetry
