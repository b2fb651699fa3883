#include "telemetry/flow_log.h"

namespace fabrix::telemetry {
namespace {

std::vector<double> read(const FlowUpdate& flow) {
  std::vector<double> values;
  if (flow.values == nullptr) return values;
  for (const FlowTally& tally : *flow.values) values.push_back(tally.read(flow.time));
  return values;
}

}  // namespace

void FlowLog::update(const FlowUpdate& flow) {
  const auto found = flows_.find({flow.source, std::string(flow.key)});
  if (found == flows_.end()) return begin(flow);
  const bool is_over = flow.time - found->second.start >= options_.active_timeout ||
                       flow.time - found->second.end >= options_.idle_timeout;
  if (is_over) {
    end(Flow(found->first));
    return begin(flow);
  }
  FlowRecord& record = found->second;
  const bool is_total = options_.value == FlowLogOptions::Value::kTotal;
  record.value = is_total ? record.value + flow.amount : flow.value;
  record.end = flow.time;
  record.values = read(flow);
  by_update_.splice(by_update_.end(), by_update_, places_.at(found->first).updated);
}

void FlowLog::begin(const FlowUpdate& flow) {
  if (flows_.size() == kMaxFlows) end(Flow(by_update_.front()->first));
  const bool is_total = options_.value == FlowLogOptions::Value::kTotal;
  FlowRecord record{.name = {},
                    .key = std::string(flow.key),
                    .value = is_total ? flow.amount : flow.value,
                    .start = flow.time,
                    .end = flow.time,
                    .source = flow.source,
                    .values = read(flow)};
  if (options_.when == FlowLogOptions::When::kAtStart) done_.push_back(record);
  const auto begun =
      flows_.emplace(Flow{flow.source, std::string(flow.key)}, std::move(record)).first;
  places_[begun->first] = {.started = by_start_.insert(by_start_.end(), begun),
                           .updated = by_update_.insert(by_update_.end(), begun)};
}

void FlowLog::end(const Flow& flow) {
  const auto found = flows_.find(flow);
  const auto places = places_.find(flow);
  if (options_.when == FlowLogOptions::When::kAtEnd) done_.push_back(std::move(found->second));
  by_start_.erase(places->second.started);
  by_update_.erase(places->second.updated);
  places_.erase(places);
  flows_.erase(found);
}

void FlowLog::flush(Time now) {
  while (!by_start_.empty() && now - by_start_.front()->second.start >= options_.active_timeout) {
    end(Flow(by_start_.front()->first));
  }
  while (!by_update_.empty() && now - by_update_.front()->second.end >= options_.idle_timeout) {
    end(Flow(by_update_.front()->first));
  }
}

}  // namespace fabrix::telemetry
