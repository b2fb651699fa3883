#include "telemetry/flow_table.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace fabrix::telemetry {
namespace {

constexpr std::chrono::seconds kForgetEvery{60};

// Samples. Fewer are done before another thread has been woken.
constexpr std::size_t kWorthSpreading = 64;

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
  meter.spread(shards_.size());
  auto flow = std::make_unique<Flow>(Flow{limited, std::move(meter), std::nullopt, {}});
  const bool is_recorded = limited.log != FlowSpec::Log::kNone || !limited.ipfix_collectors.empty();
  if (is_recorded) flow->log.emplace(log_options_of(limited));
  const auto added = flows_.insert_or_assign(name, std::move(flow)).first;
  watch(added->first, *added->second);
  return {};
}

void FlowTable::lend(const std::string& name, Time until) {
  const auto found = flows_.find(name);
  if (found != flows_.end()) found->second->until = until;
}

// The flow lives as long as its meter, at one place; so does its name.
void FlowTable::watch(const std::string& name, Flow& flow) {
  flow.meter.observe([this, &name, &flow](const FlowUpdate& update) {
    if (flow.noted_above) return note(name, flow, update);
    thresholds_->update(name, flow.meter.decays(), update);
    if (flow.log) flow.log->update(update);
  });
}

const Flow* FlowTable::find(const std::string& name) const {
  const auto found = flows_.find(name);
  return found == flows_.end() ? nullptr : found->second.get();
}

void FlowTable::spread(Spread& spread) {
  FABRIX_ASSERT(flows_.empty());
  spread_ = &spread;
  shards_ = std::vector<Shard>(spread.parts());
}

bool FlowTable::is_in_turn(const std::string& name, const Flow& flow) const {
  const bool is_noted = flow.meter.decays() && !flow.log;
  return flow.meter.is_alone() || flow.log || (!is_noted && thresholds_->lowest(name));
}

bool FlowTable::depends_on_order() const {
  return std::ranges::any_of(flows_, [this](const auto& each) {
    const auto& [name, flow] = each;
    return is_in_turn(name, *flow) || thresholds_->lowest(name);
  });
}

void FlowTable::add(std::span<const Sample> samples, Time now) {
  if (flows_.empty()) return;
  while (!samples.empty()) {
    const std::size_t count = std::min(samples.size(), kMaxTogether);
    add_together(samples.first(count), now);
    samples = samples.subspan(count);
  }
}

// Which flows are counted in turn is as they came: what is told of them has that order.
void FlowTable::add_together(std::span<const Sample> samples, Time now) {
  find_concerned(samples.front().drop_reason.has_value());
  if (concerned_.empty()) return;
  for (const Concerned& each : concerned_) each.flow->meter.advance(now);
  for (Shard& shard : shards_) {
    shard.samples.clear();
    shard.counted = 0;
  }
  for (const Sample& sample : samples) shards_[shard_of(sample.agent)].samples.push_back(&sample);
  for (Shard& shard : shards_) shard.sources.find(shard.samples, shard.numbers);
  if (spread_ != nullptr && samples.size() >= kWorthSpreading) {
    spread_->run([this](std::size_t shard) { take_steps(shard, Which::kOthers); });
  } else {
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) take_steps(shard, Which::kOthers);
  }
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) take_steps(shard, Which::kAlone);
  count_in_turn(samples);
}

std::size_t FlowTable::shard_of(const net::IpAddress& agent) const {
  return concerned_.front().flow->meter.shard_of(agent);
}

void FlowTable::find_concerned(bool are_drops) {
  const auto of = are_drops ? FlowDefinition::Of::kDrops : FlowDefinition::Of::kSamples;
  concerned_.clear();
  for (const auto& [name, flow] : flows_) {
    if (flow->spec.of != of) continue;
    const auto lowest = thresholds_->lowest(name);
    const bool in_turn = is_in_turn(name, *flow);
    flow->noted_above = in_turn ? std::nullopt : lowest;
    const bool is_told = flow->log || lowest;
    flow->meter.tell_above(
        flow->noted_above.value_or(is_told ? FlowMeter::kTellAll : FlowMeter::kTellNone));
    concerned_.push_back({.name = &name, .flow = flow.get(), .is_in_turn = in_turn});
  }
}

// On any thread.
void FlowTable::note(const std::string& name, Flow& flow, const FlowUpdate& update) {
  Note& made = shards_[flow.meter.shard_of(update.source.agent)].notes.emplace_back();
  made.name = &name;
  made.flow = &flow;
  made.update = update;
  made.key = update.key;
  if (update.values != nullptr) made.values = *update.values;
}

// In order.
std::vector<FlowTable::Note> FlowTable::take_notes() {
  std::vector<Note> notes;
  for (Shard& shard : shards_) {
    std::ranges::move(shard.notes, std::back_inserter(notes));
    shard.notes.clear();
  }
  std::ranges::sort(notes, [](const Note& left, const Note& right) {
    return left.is_before(right.update.sample, *right.name);
  });
  return notes;
}

void FlowTable::tell(Note& note) {
  note.update.key = note.key;
  if (note.update.values != nullptr) note.update.values = &note.values;
  thresholds_->update(*note.name, note.flow->meter.decays(), note.update);
}

void FlowTable::take_steps(std::size_t shard, Which which) {
  const std::span<const Sample* const> all = shards_[shard].samples;
  for (std::size_t first = 0; first < all.size(); first += FlowMeter::kMaxTogether) {
    const std::size_t count = std::min(all.size() - first, FlowMeter::kMaxTogether);
    take_steps({.shard = shard,
                .first = first,
                .samples = all.subspan(first, count),
                .numbers = std::span(shards_[shard].numbers).subspan(first, count)},
               which);
  }
}

// What is not counted in turn is counted at once, and its place is free again.
void FlowTable::take_steps(const FlowMeter::Some& some, Which which) {
  const auto each = [&](const auto& step) {
    for (const Concerned& concerned : concerned_) {
      FlowMeter& meter = concerned.flow->meter;
      if (meter.is_alone() != (which == Which::kAlone)) continue;
      FlowMeter::Some there = some;
      if (!concerned.is_in_turn) there.first = 0;
      step(concerned, meter, there);
    }
  };
  using Some = FlowMeter::Some;
  each([](const Concerned&, FlowMeter& meter, const Some& there) { meter.prepare(there); });
  each([](const Concerned&, FlowMeter& meter, const Some& there) { meter.fetch_index(there); });
  each([](const Concerned&, FlowMeter& meter, const Some& there) { meter.fetch_flows(there); });
  each([](const Concerned&, FlowMeter& meter, const Some& there) { meter.fetch_smallest(there); });
  each([](const Concerned& concerned, FlowMeter& meter, const Some& there) {
    if (concerned.is_in_turn) return;
    for (std::size_t at = 0; at < there.samples.size(); ++at) meter.count(there.shard, at);
  });
}

// Together with what has been noted.
void FlowTable::count_in_turn(std::span<const Sample> samples) {
  auto notes = take_notes();
  auto note = notes.begin();
  std::erase_if(concerned_, [](const Concerned& each) { return !each.is_in_turn; });
  for (const Sample& sample : samples) {
    if (concerned_.empty()) break;
    const std::size_t shard = shard_of(sample.agent);
    const std::size_t place = shards_[shard].counted++;
    for (const Concerned& each : concerned_) {
      while (note != notes.end() && note->is_before(&sample, *each.name)) tell(*note++);
      each.flow->meter.count(shard, place);
      if (each.flow->log) collect(*each.name, *each.flow);
    }
  }
  for (; note != notes.end(); ++note) tell(*note);
}

void FlowTable::tick(Time now) {
  const bool forgets = now - forgot_ >= kForgetEvery;
  if (forgets) {
    forgot_ = now;
    for (Shard& shard : shards_) shard.sources.forget();
  }
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
