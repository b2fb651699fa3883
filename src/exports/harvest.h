// Harvest: reads the largest flows and the metrics of an engine, every so often, a part in a turn,
// so that samples do not wait for it.
//
//   flows    of each definition the kTopFlows largest of at least kLeastValue
//   metrics  those that have had a new value since the time before, each with the latest
//
// A turn is kDefinitions and kSources at most. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "exports/entry.h"
#include "telemetry/engine.h"

namespace fabrix::exports {

class Harvest {
 public:
  static constexpr std::size_t kTopFlows = 100;
  static constexpr double kLeastValue = 0.1;
  static constexpr std::size_t kDefinitions = 16;
  static constexpr std::size_t kSources = 64;

  using Add = std::function<void(const Entry&)>;
  enum class Of : std::uint8_t { kFlows, kMetrics, kBoth, kNothing };

  // The engine outlives it. The first time is one interval after the first turn.
  Harvest(const telemetry::Engine& engine, telemetry::Time interval, Of of)
      : engine_(&engine), interval_(interval), of_(of) {}

  // To be called several times a second.
  void turn(const Add& add);

 private:
  bool read_flows(const Add& add);
  bool read_metrics(const Add& add);

  const telemetry::Engine* engine_;
  telemetry::Time interval_;
  Of of_;
  std::optional<telemetry::Time> next_;  // when it begins again
  telemetry::Time before_{};             // when the time before began
  telemetry::Time now_{};                // when this one did
  enum class Step : std::uint8_t { kIdle, kFlows, kMetrics } step_ = Step::kIdle;
  std::string definition_;                       // the last that was read
  std::optional<telemetry::DataSource> source_;  // the last that was read; none: none yet
};

}  // namespace fabrix::exports
