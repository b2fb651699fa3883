// ThresholdWatch: tells when a flow exceeds a threshold, once, until it has been below for a while.
//
// Or, of readings that are neither, such as counters' rates, means and counts, an update says that
// it is below.
//
// It is asked with every update, not by a timer, so an event comes with the very sample that
// crosses. A flow that is below says nothing (its samples are elsewhere or missing), but a moving
// average's decay is known: with the value v at its last update it is below from t ln(v /
// threshold) later on, and only when it has been so for the timeout may it fire again. A sum is
// never below again.
//
// Bounded: kMaxWatched flows above or lately above; of more, those that are quiet are forgotten,
// and if none is, no event is told and it is counted. Time is an input. Pure.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "telemetry/flow_cache.h"
#include "telemetry/flow_key.h"
#include "telemetry/flow_meter.h"

namespace fabrix::telemetry {

struct Threshold {
  double value = 0;
  Time timeout = std::chrono::seconds(60);
  std::optional<std::chrono::duration<double>> smoothing;  // the flow's; none: no rates
  enum class Of : std::uint8_t { kFlows, kReadings } of = Of::kFlows;
};

struct ThresholdEvent {
  std::uint64_t id = 0;  // from 0
  Time time{};
  DataSource source;
  std::string key;
  double value = 0;  // that exceeds the threshold
};

class ThresholdWatch {
 public:
  static constexpr std::size_t kMaxWatched = 65536;

  explicit ThresholdWatch(const Threshold& threshold) : threshold_(threshold) {}

  // The values are others from now on; the same flows remain above it.
  void measure(const std::optional<std::chrono::duration<double>>& smoothing, Threshold::Of of) {
    threshold_.smoothing = smoothing;
    threshold_.of = of;
  }

  // The flow has this value now. The event, if it is one.
  std::optional<ThresholdEvent> update(const FlowUpdate& flow);

  // Whether it is above the threshold at this time.
  bool is_above(const DataSource& source, std::string_view key, Time now) const;

  std::uint64_t ignored() const { return ignored_; }

 private:
  Time below_from(double value, Time now) const;
  bool make_room(Time now);
  void note_below(const FlowUpdate& flow);

  Threshold threshold_;
  // Of flows that have been above.
  std::unordered_map<FlowKey, Time, FlowKeyHash, FlowKeyEqual> below_from_;
  std::uint64_t next_id_ = 0;
  std::uint64_t ignored_ = 0;
};

}  // namespace fabrix::telemetry
