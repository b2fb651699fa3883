// ThresholdTable: thresholds by name, on flows and on metrics, and the events that they make.
//
// Checked with every update, so an event comes with the sample or counter that crosses
// (threshold.h). By flow there is one event for each flow and data source, else one for each data
// source. Bounded: kMaxThresholds, and the journal's entries. Time is an input. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "telemetry/flow_meter.h"
#include "telemetry/journal.h"
#include "telemetry/threshold.h"

namespace fabrix::telemetry {

struct ThresholdSpec {
  std::string metric;  // a flow's name, or a metric's
  double value = 0;
  enum class By : std::uint8_t { kSource, kFlow } by = By::kSource;
  double timeout = 60;  // seconds; 0 .. 86,400
  // Only of data sources whose metrics have these values, any of each name: host_name *web*.
  std::map<std::string, std::vector<std::string>> filter;

  friend bool operator==(const ThresholdSpec&, const ThresholdSpec&) = default;
};

struct Event {
  std::uint64_t id = 0;  // the journal's
  std::string threshold_name;
  std::string metric;
  double threshold = 0;
  double value = 0;  // that exceeds it
  DataSource source;
  bool is_of_flow = false;
  std::string flow_key;
  Time time{};
  std::vector<double> values;  // the flow's further ones
};

class ThresholdTable {
 public:
  static constexpr std::size_t kMaxThresholds = 1000;

  using Matches = std::function<bool(
      const DataSource&, const std::map<std::string, std::vector<std::string>>& filter)>;

  // What decides about filters; without it, what has one makes no events.
  void match_with(Matches matches) { matches_ = std::move(matches); }

  // In place of what was there; what is the same goes on. Fails if there are too many.
  Result<void> set(const std::string& name, ThresholdSpec spec);
  bool remove(const std::string& name);  // whether there was one
  const ThresholdSpec* find(const std::string& name) const;
  std::vector<std::string> names() const;

  // Whether the flow is above the threshold of that name; the data source, if it is not by flow.
  bool is_above(const std::string& name, const DataSource& source, std::string_view flow_key,
                Time now) const;

  // The lowest of those on this metric, or on the flows of this definition; none: there is none. A
  // flow's rate that is not above it makes no difference to any.
  std::optional<double> lowest(std::string_view metric) const;

  // A flow of this definition has changed. `smoothing` is of its rates; none: it is no rate.
  void update(const std::string& flow_name, const FlowMeter::Smoothing& smoothing,
              const FlowUpdate& flow);

  // A metric has another value.
  void update(std::string_view metric, const DataSource& source, double value, Time now);

  // From now on told of every event, before the journal has it; empty: nobody is. It must not
  // change the table.
  using Observer = std::function<void(const Event&)>;
  void observe(Observer observer) { observer_ = std::move(observer); }

  const Journal<Event>& events() const { return events_; }

 private:
  struct Row {
    ThresholdSpec spec;
    ThresholdWatch watch;
  };

  using Rows = std::map<std::string, Row>;
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's name
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  const std::vector<Rows::value_type*>& watching(std::string_view metric) const;
  void index();
  void check(const std::string& name, Row& row, const FlowUpdate& flow,
             std::optional<std::string_view> flow_key);

  Matches matches_;
  Observer observer_;  // may be empty
  Rows rows_;
  // Of each metric, those in rows_ that are on it.
  std::unordered_map<std::string, std::vector<Rows::value_type*>, Hash, std::equal_to<>> by_metric_;
  Journal<Event> events_;
};

}  // namespace fabrix::telemetry
