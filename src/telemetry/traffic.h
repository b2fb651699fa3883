// Traffic: how many octets and frames there were, estimated from samples, and how many there are
// now a second; and tables of it by what the frames have in common.
//
// Rates are moving averages, as a flow's (flow_cache.h). A table has at most kMaxRows; what is of
// more keys counts as the others, so nothing is lost. Rows without a sample for kIdle are
// forgotten. Time is an input. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "telemetry/flow_cache.h"

namespace fabrix::telemetry {

class Traffic {
 public:
  static constexpr std::chrono::seconds kSmoothing{10};

  // `frames` frames of so many octets each.
  void add(std::uint64_t frames, std::uint64_t octets, Time now);

  std::uint64_t frames() const { return frames_; }
  std::uint64_t octets() const { return octets_; }
  double frame_rate(Time now) const { return frame_rate_ * decay(now); }
  double octet_rate(Time now) const { return octet_rate_ * decay(now); }
  Time last() const { return last_; }

 private:
  double decay(Time now) const;

  std::uint64_t frames_ = 0;
  std::uint64_t octets_ = 0;
  double frame_rate_ = 0;  // at `last_`
  double octet_rate_ = 0;
  Time last_{};
};

// What the numbers mean, says whoever has the table.
using TrafficKey = std::array<std::uint64_t, 3>;

class TrafficTable {
 public:
  static constexpr std::size_t kMaxRows = 65'536;
  static constexpr std::chrono::hours kIdle{1};

  struct Hash {
    std::size_t operator()(const TrafficKey& key) const noexcept;
  };
  using Rows = std::unordered_map<TrafficKey, Traffic, Hash>;

  void add(const TrafficKey& key, std::uint64_t frames, std::uint64_t octets, Time now);
  void forget_idle(Time now);

  const Rows& rows() const { return rows_; }
  // What there was no room for.
  const Traffic& others() const { return others_; }

 private:
  Rows rows_;
  Traffic others_;
};

}  // namespace fabrix::telemetry
