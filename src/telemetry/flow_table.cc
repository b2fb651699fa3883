#include "telemetry/flow_table.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace fabrix::telemetry {
namespace {

constexpr std::chrono::seconds kForgetEvery{60};

}  // namespace

Result<void> FlowTable::set(const std::string& name, const FlowSpec& spec) {
  if (!flows_.contains(name) && flows_.size() == kMaxFlows) {
    return fail(Error{fmt::format("there are {} already, the most there may be", kMaxFlows)});
  }
  const FlowSpec limited = clamped(spec);
  if (const auto before = flows_.find(name);
      before != flows_.end() && before->second->spec == limited) {
    before->second->until.reset();
    return {};
  }
  FABRIX_TRY(auto meter, FlowMeter::create(definition_of(limited), lookups_));
  auto flow = std::make_unique<Flow>(Flow{limited, std::move(meter), std::nullopt, {}});
  const bool is_recorded = limited.log != FlowSpec::Log::kNone || !limited.ipfix_collectors.empty();
  if (is_recorded) flow->log.emplace(log_options_of(limited));
  watch(name, *flow);
  flows_.insert_or_assign(name, std::move(flow));
  return {};
}

void FlowTable::lend(const std::string& name, Time until) {
  const auto found = flows_.find(name);
  if (found != flows_.end()) found->second->until = until;
}

// The flow lives as long as its meter, at one place.
void FlowTable::watch(const std::string& name, Flow& flow) {
  const auto smoothing = flow.meter.decays();
  flow.meter.observe([this, name, smoothing, &flow](const FlowUpdate& update) {
    thresholds_->update(name, smoothing, update);
    if (flow.log) flow.log->update(update);
  });
}

const Flow* FlowTable::find(const std::string& name) const {
  const auto found = flows_.find(name);
  return found == flows_.end() ? nullptr : found->second.get();
}

void FlowTable::add(std::span<const Sample> samples, Time now) {
  if (flows_.empty()) return;
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), FlowMeter::kMaxTogether);
    add_together(samples.first(count), now);
    samples = samples.subspan(count);
  }
}

// Sample by sample they count, as they came: what is told of them has that order.
void FlowTable::add_together(std::span<const Sample> samples, Time now) {
  const bool are_drops = samples.front().drop_reason.has_value();
  const auto of = are_drops ? FlowDefinition::Of::kDrops : FlowDefinition::Of::kSamples;
  concerned_.clear();
  for (auto& each : flows_) {
    if (each.second->spec.of == of) concerned_.push_back(&each);
  }
  for (auto* const each : concerned_) {
    Flow& flow = *each->second;
    const bool is_heard = flow.log || thresholds_->watches(each->first);
    flow.meter.tell(is_heard ? FlowMeter::Telling::kOn : FlowMeter::Telling::kOff);
    flow.meter.prepare(samples, now);
  }
  for (auto* const each : concerned_) each->second->meter.find_sources();
  for (auto* const each : concerned_) each->second->meter.fetch_index();
  for (auto* const each : concerned_) each->second->meter.fetch_flows();
  for (std::size_t sample = 0; sample < samples.size(); ++sample) {
    for (auto* const each : concerned_) {
      auto& [name, flow] = *each;
      flow->meter.count(sample);
      if (flow->log) collect(name, *flow);
    }
  }
}

void FlowTable::tick(Time now) {
  const bool forgets = now - forgot_ >= kForgetEvery;
  if (forgets) forgot_ = now;
  std::erase_if(flows_,
                [&](const auto& flow) { return flow.second->until && *flow.second->until <= now; });
  for (auto& [name, flow] : flows_) {
    if (forgets) flow->meter.forget_silent(now);
    if (!flow->log) continue;
    flow->log->flush(now);
    collect(name, *flow);
  }
}

void FlowTable::collect(const std::string& name, Flow& flow) {
  for (FlowRecord& record : flow.log->take()) {
    record.name = name;
    if (observer_) observer_(flow, record);
    if (flow.spec.log == FlowSpec::Log::kNone) continue;
    records_.add(std::move(record));
  }
}

}  // namespace fabrix::telemetry
