#include "telemetry/threshold.h"

#include <algorithm>
#include <cmath>

namespace fabrix::telemetry {

// When the value will have decayed to the threshold, if nothing is added.
Time ThresholdWatch::below_from(double value, Time now) const {
  const bool decays = threshold_.of == Threshold::Of::kFlows && threshold_.smoothing;
  if (!decays || threshold_.value <= 0) return Time::max();
  const double seconds = threshold_.smoothing->count() * std::log(value / threshold_.value);
  // A year is as good as ever, and fits.
  constexpr double kYear = 31'536'000;
  return now +
         std::chrono::duration_cast<Time>(std::chrono::duration<double>(std::min(seconds, kYear)));
}

bool ThresholdWatch::make_room(Time now) {
  if (below_from_.size() < kMaxWatched) return true;
  std::erase_if(below_from_, [&](const auto& flow) {
    return flow.second <= now && now - flow.second >= threshold_.timeout;
  });
  return below_from_.size() < kMaxWatched;
}

void ThresholdWatch::note_below(const FlowUpdate& flow) {
  if (threshold_.of != Threshold::Of::kReadings || below_from_.empty()) return;
  const auto found = below_from_.find(FlowKeyView{flow.source, flow.key});
  if (found != below_from_.end()) found->second = std::min(found->second, flow.time);
}

std::optional<ThresholdEvent> ThresholdWatch::update(const FlowUpdate& flow) {
  if (flow.value <= threshold_.value) {
    note_below(flow);
    return std::nullopt;
  }
  const auto found = below_from_.find(FlowKeyView{flow.source, flow.key});
  const Time until = below_from(flow.value, flow.time);
  if (found != below_from_.end()) {
    const bool quiet =
        found->second <= flow.time && flow.time - found->second >= threshold_.timeout;
    // Of several flows that are watched as one, the last to be below counts.
    found->second = quiet ? until : std::max(found->second, until);
    if (!quiet) return std::nullopt;
  } else if (make_room(flow.time)) {
    below_from_.emplace(FlowKeyView{flow.source, flow.key}, until);
  } else {
    ++ignored_;
    return std::nullopt;
  }
  return ThresholdEvent{.id = next_id_++,
                        .time = flow.time,
                        .source = flow.source,
                        .key = std::string(flow.key),
                        .value = flow.value};
}

bool ThresholdWatch::is_above(const DataSource& source, std::string_view key, Time now) const {
  const auto found = below_from_.find(FlowKeyView{source, key});
  return found != below_from_.end() && found->second > now;
}

}  // namespace fabrix::telemetry
