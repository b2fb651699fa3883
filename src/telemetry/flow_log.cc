#include "telemetry/flow_log.h"

namespace fabrix::telemetry {
namespace {

void read(const FlowUpdate& flow, std::vector<double>& values) {
  values.clear();
  if (flow.values == nullptr) return;
  for (const FlowTally& tally : *flow.values) values.push_back(tally.read(flow.time));
}

void count(const FlowUpdate& flow, FlowRecord& record) {
  if (flow.sample == nullptr) return;
  const double rate = flow.sample->sampling_rate;
  record.octets += rate * flow.sample->packet->frame_length();
  record.frames += rate;
}

}  // namespace

void FlowLog::update(const FlowUpdate& flow) {
  const auto found = flows_.find(FlowKeyView{flow.source, flow.key});
  if (found == flows_.end()) return begin(flow);
  Open& open = found->second;
  const bool is_over = flow.time - open.record.start >= options_.active_timeout ||
                       flow.time - open.record.end >= options_.idle_timeout;
  if (is_over) {
    end(*found);
    return begin(flow);
  }
  const bool is_total = options_.value == FlowLogOptions::Value::kTotal;
  open.record.value = is_total ? open.record.value + flow.amount : flow.value;
  open.record.end = flow.time;
  read(flow, open.record.values);
  count(flow, open.record);
  by_update_.splice(by_update_.end(), by_update_, open.updated);
}

void FlowLog::begin(const FlowUpdate& flow) {
  if (flows_.size() == kMaxFlows) end(*by_update_.front());
  const bool is_total = options_.value == FlowLogOptions::Value::kTotal;
  FlowRecord record{.name = {},
                    .key = std::string(flow.key),
                    .value = is_total ? flow.amount : flow.value,
                    .start = flow.time,
                    .end = flow.time,
                    .source = flow.source,
                    .values = {}};
  read(flow, record.values);
  count(flow, record);
  if (options_.when == FlowLogOptions::When::kAtStart) done_.push_back(record);
  auto& begun =
      *flows_.try_emplace(FlowKey({flow.source, flow.key}), Open{std::move(record), {}, {}}).first;
  begun.second.started = by_start_.insert(by_start_.end(), &begun);
  begun.second.updated = by_update_.insert(by_update_.end(), &begun);
}

void FlowLog::end(Node& flow) {
  Open& open = flow.second;
  if (options_.when == FlowLogOptions::When::kAtEnd) done_.push_back(std::move(open.record));
  by_start_.erase(open.started);
  by_update_.erase(open.updated);
  flows_.erase(flows_.find(flow.first));
}

void FlowLog::flush(Time now) {
  while (!by_start_.empty() &&
         now - by_start_.front()->second.record.start >= options_.active_timeout) {
    end(*by_start_.front());
  }
  while (!by_update_.empty() &&
         now - by_update_.front()->second.record.end >= options_.idle_timeout) {
    end(*by_update_.front());
  }
}

}  // namespace fabrix::telemetry
