#include "telemetry/threshold_table.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace fabrix::telemetry {
namespace {

constexpr double kLongestTimeout = 86400;

}  // namespace

Result<void> ThresholdTable::set(const std::string& name, ThresholdSpec spec) {
  if (!rows_.contains(name) && rows_.size() == kMaxThresholds) {
    return fail(Error{fmt::format("there are {} already, the most there may be", kMaxThresholds)});
  }
  spec.timeout = std::clamp(spec.timeout, 0.0, kLongestTimeout);
  if (const auto* const before = find(name); before != nullptr && *before == spec) return {};
  const Threshold threshold{
      .value = spec.value,
      .timeout = std::chrono::duration_cast<Time>(std::chrono::duration<double>(spec.timeout)),
      .smoothing = {}};
  rows_.insert_or_assign(name, Row{.spec = std::move(spec), .watch = ThresholdWatch(threshold)});
  index();
  return {};
}

bool ThresholdTable::remove(const std::string& name) {
  const bool was_there = rows_.erase(name) != 0;
  index();
  return was_there;
}

void ThresholdTable::index() {
  by_metric_.clear();
  for (auto& row : rows_) by_metric_[row.second.spec.metric].push_back(&row);
}

const std::vector<ThresholdTable::Rows::value_type*>& ThresholdTable::watching(
    std::string_view metric) const {
  static const std::vector<Rows::value_type*> none;
  if (by_metric_.empty()) return none;
  const auto found = by_metric_.find(metric);
  return found != by_metric_.end() ? found->second : none;
}

std::optional<double> ThresholdTable::lowest(std::string_view metric) const {
  std::optional<double> lowest;
  for (const auto* const row : watching(metric)) {
    lowest = std::min(lowest.value_or(row->second.spec.value), row->second.spec.value);
  }
  return lowest;
}

const ThresholdSpec* ThresholdTable::find(const std::string& name) const {
  const auto found = rows_.find(name);
  return found == rows_.end() ? nullptr : &found->second.spec;
}

std::vector<std::string> ThresholdTable::names() const {
  std::vector<std::string> names;
  names.reserve(rows_.size());
  for (const auto& [name, row] : rows_) names.push_back(name);
  return names;
}

bool ThresholdTable::is_above(const std::string& name, const DataSource& source,
                              std::string_view flow_key, Time now) const {
  const auto found = rows_.find(name);
  if (found == rows_.end()) return false;
  const bool is_by_flow = found->second.spec.by == ThresholdSpec::By::kFlow;
  return found->second.watch.is_above(source, is_by_flow ? flow_key : std::string_view(), now);
}

void ThresholdTable::update(const std::string& flow_name, const FlowMeter::Smoothing& smoothing,
                            const FlowUpdate& flow) {
  for (auto* const each : watching(flow_name)) {
    auto& [name, row] = *each;
    row.watch.measure(smoothing, smoothing ? Threshold::Of::kFlows : Threshold::Of::kReadings);
    FlowUpdate watched = flow;
    if (row.spec.by == ThresholdSpec::By::kSource) watched.key = {};
    check(name, row, watched, flow.key);
  }
}

void ThresholdTable::update(std::string_view metric, const DataSource& source, double value,
                            Time now) {
  for (auto* const each : watching(metric)) {
    auto& [name, row] = *each;
    row.watch.measure({}, Threshold::Of::kReadings);
    check(name, row, {.source = source, .key = {}, .value = value, .time = now}, std::nullopt);
  }
}

void ThresholdTable::check(const std::string& name, Row& row, const FlowUpdate& flow,
                           std::optional<std::string_view> flow_key) {
  // What is below is so whatever the source; a filter is asked only where it decides.
  const bool is_filtered = !row.spec.filter.empty() && flow.value > row.spec.value;
  if (is_filtered && (!matches_ || !matches_(flow.source, row.spec.filter))) return;
  const auto exceeded = row.watch.update(flow);
  if (!exceeded) return;
  Event event{.threshold_name = name,
              .metric = row.spec.metric,
              .threshold = row.spec.value,
              .value = exceeded->value,
              .source = flow.source,
              .is_of_flow = flow_key.has_value(),
              .flow_key = std::string(flow_key.value_or("")),
              .time = flow.time,
              .values = {}};
  if (flow.values != nullptr) {
    for (const FlowTally& tally : *flow.values) event.values.push_back(tally.read(flow.time));
  }
  if (observer_) observer_(event);
  events_.add(std::move(event));
}

}  // namespace fabrix::telemetry
