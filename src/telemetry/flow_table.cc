#include "telemetry/flow_table.h"

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
  if (const Flow* const before = find(name); before != nullptr && before->spec == limited) {
    return {};
  }
  FABRIX_TRY(auto meter, FlowMeter::create(definition_of(limited), names_));
  auto flow = std::make_unique<Flow>(Flow{limited, std::move(meter), std::nullopt});
  if (limited.log != FlowSpec::Log::kNone) flow->log.emplace(log_options_of(limited));
  observe(name, *flow);
  flows_.insert_or_assign(name, std::move(flow));
  return {};
}

// The flow lives as long as its meter, at one place.
void FlowTable::observe(const std::string& name, Flow& flow) {
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

void FlowTable::add(const Sample& sample, Time now) {
  const auto of = sample.drop_reason ? FlowDefinition::Of::kDrops : FlowDefinition::Of::kSamples;
  for (auto& [name, flow] : flows_) {
    if (flow->spec.of != of) continue;
    flow->meter.add(sample, now);
    if (flow->log) collect(name, *flow->log);
  }
}

void FlowTable::tick(Time now) {
  const bool forgets = now - forgot_ >= kForgetEvery;
  if (forgets) forgot_ = now;
  for (auto& [name, flow] : flows_) {
    if (forgets) flow->meter.forget_silent(now);
    if (!flow->log) continue;
    flow->log->flush(now);
    collect(name, *flow->log);
  }
}

void FlowTable::collect(const std::string& name, FlowLog& log) {
  for (FlowRecord& record : log.take()) {
    record.name = name;
    records_.add(std::move(record));
  }
}

}  // namespace fabrix::telemetry
