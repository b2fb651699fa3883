#include "telemetry/agent_health.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/large_pages.h"

namespace fabrix::telemetry {

std::uint64_t AgentHealth::hash_of(const Origin& origin) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
  std::uint64_t hash = std::uint64_t{origin.agent} << 32U | origin.sub_agent;
  hash = (hash ^ hash >> 29U) * kOdd;
  hash ^= std::uint64_t{origin.source.type} << 40U | std::uint64_t{origin.source.index} << 2U |
          static_cast<std::uint64_t>(origin.kind);
  hash = (hash ^ hash >> 29U) * kOdd;
  return hash ^ hash >> 32U;
}

void AgentHealth::add(const sflow::Datagram& datagram, const net::IpAddress& sender, Time now) {
  begin(datagram.header(), sender, now);
  sflow::ItemCursor items = datagram.samples();
  while (const auto item = items.next()) {
    if (sflow::is_flow_sample(item->tag)) {
      if (const auto sample = sflow::read_flow_sample(*item)) flow(*sample);
    } else if (sflow::is_counter_sample(item->tag)) {
      if (const auto sample = sflow::read_counter_sample(*item)) counters(*sample);
    } else if (item->tag == sflow::kDropSample) {
      if (const auto sample = sflow::read_drop_sample(*item)) discard(*sample);
    }
  }
  finish();
}

// Null if there are too many.
AgentHealth::Agent* AgentHealth::agent_of(const net::IpAddress& address, Time now) {
  const auto found = agents_.find(address);
  if (found != agents_.end()) return &found->second;
  if (agents_.size() == kMaxAgents) return nullptr;
  Agent& agent = agents_[address];
  agent.number = next_number_++;
  agent.report.agent = address;
  agent.report.first_seen = now;
  return &agent;
}

void AgentHealth::begin(const sflow::DatagramHeader& header, const net::IpAddress& sender,
                        Time now) {
  sub_agent_ = nullptr;
  now_ = now;
  Agent* const agent = agent_of(header.agent, now);
  const bool is_new = agent != nullptr && !agent->sub_agents.contains(header.sub_agent);
  if (agent == nullptr || (is_new && sub_agents_ + trackers_.size() >= kMaxTrackers)) {
    ++not_counted_;
    return;
  }
  if (is_new) ++sub_agents_;
  SubAgent& sub_agent = agent->sub_agents[header.sub_agent];
  if (began_again(sub_agent.uptime_ms, header.uptime_ms)) {
    sub_agent.sequence.restart();
    ++sub_agent.restarts;
    ++agent->report.restarts;
  }
  if (sub_agent.sequence.add(header.sequence) == SequenceTracker::Arrival::kRestart) {
    ++sub_agent.restarts;
    ++agent->report.restarts;
  }
  sub_agent.uptime_ms = header.uptime_ms;
  agent->report.uptime_ms = header.uptime_ms;
  agent->report.last_seen = std::max(agent->report.last_seen, now);
  auto& senders = agent->report.senders;
  if (senders.size() < kMaxSenders && std::ranges::find(senders, sender) == senders.end()) {
    senders.push_back(sender);
  }
  agent_ = agent;
  sub_agent_ = &sub_agent;
  sub_agent_id_ = header.sub_agent;
}

// Null: the datagram is beyond the limits.
AgentHealth::Pending* AgentHealth::put(SampleKind kind, const sflow::SourceId& source,
                                       std::uint32_t sequence) {
  if (sub_agent_ == nullptr) return nullptr;
  if (pending_count_ == kMaxPending) finish();
  Pending& pending = pending_[pending_count_++];
  // One by one: what is made elsewhere and copied is waited for.
  pending.origin.agent = agent_->number;
  pending.origin.sub_agent = sub_agent_id_;
  pending.origin.kind = kind;
  pending.origin.source = source;
  pending.restarts = sub_agent_->restarts;
  pending.sequence = sequence;
  pending.at = now_;
  pending.dropped = pending.rate = pending.pool = 0;
  pending.hash = hash_of(pending.origin);
  places_.fetch(pending.hash);
  return &pending;
}

void AgentHealth::finish() {
  const auto all = std::span(pending_).first(std::exchange(pending_count_, 0));
  for (const Pending& pending : all) {
    const auto place = places_.guess(pending.hash);
    if (!place) continue;
    const auto* const octets =
        static_cast<const char*>(static_cast<const void*>(&trackers_[*place]));
    __builtin_prefetch(octets, 1);
    __builtin_prefetch(octets + kCacheLine, 1);
  }
  for (const Pending& pending : all) {
    if (const auto place = tracker_of(pending)) track(pending, trackers_[*place]);
  }
}

// None if there are too many.
std::optional<std::size_t> AgentHealth::tracker_of(const Pending& pending) {
  const auto found = places_.find(
      pending.hash, [&](std::size_t place) { return trackers_[place].origin == pending.origin; });
  if (found) return found;
  if (sub_agents_ + trackers_.size() >= kMaxTrackers) {
    ++not_counted_;
    return std::nullopt;
  }
  trackers_.push_back({.origin = pending.origin, .restarts = pending.restarts, .sequence = {}});
  index(trackers_.size() - 1);
  return trackers_.size() - 1;
}

void AgentHealth::index(std::size_t place) {
  const auto hash_at = [this](std::size_t at) { return hash_of(trackers_[at].origin); };
  places_.insert(hash_at(place), hash_at);
}

void AgentHealth::track(const Pending& pending, Tracker& tracker) {
  using enum SequenceTracker::Arrival;
  if (tracker.restarts != pending.restarts) {
    tracker.restarts = pending.restarts;
    tracker.sequence.restart();
    tracker.dropped = 0;
  }
  const auto arrival = tracker.sequence.add(pending.sequence);
  const std::uint64_t received = tracker.sequence.count().received;
  if (pending.origin.kind == SampleKind::kCounter) {
    if (received == 1) tracker.first = pending.at;
    tracker.last = pending.at;
    return;
  }
  tracker.rate = pending.rate;
  if (arrival == kDuplicate || arrival == kLate) return;
  // The fields grow as long as the agent runs; what they were when the first sample came is not
  // ours.
  if (arrival == kNext && received > 1) {
    tracker.drops += pending.dropped - tracker.dropped;
    tracker.pooled += pending.pool - tracker.pool;
    ++tracker.pooled_in;
  }
  tracker.dropped = pending.dropped;
  tracker.pool = pending.pool;
}

// Null: there is none.
const AgentHealth::Tracker* AgentHealth::tracker_of(const Origin& origin) const {
  const auto place = places_.find(
      hash_of(origin), [&](std::size_t each) { return trackers_[each].origin == origin; });
  return place ? &trackers_[*place] : nullptr;
}

void AgentHealth::flow(const sflow::FlowSample& sample) {
  Pending* const pending = put(SampleKind::kFlow, sample.source, sample.sequence);
  if (pending == nullptr) return;
  pending->dropped = sample.drops;
  pending->rate = sample.sampling_rate;
  pending->pool = sample.sample_pool;
}

void AgentHealth::counters(const sflow::CounterSample& sample) {
  put(SampleKind::kCounter, sample.source, sample.sequence);
}

void AgentHealth::discard(const sflow::DropSample& sample) {
  Pending* const pending = put(SampleKind::kDrop, sample.source, sample.sequence);
  if (pending != nullptr) pending->dropped = sample.drops;
}

// Of a switch that is sampled as a whole: the one whose sub-agent tells the port's counters; where
// nobody does, the agent's only one. Null: there is none. O(n) of all trackers.
const AgentHealth::Tracker* AgentHealth::switch_of(const Agent& agent,
                                                   const sflow::SourceId& port) const {
  constexpr std::uint8_t kEntity = 2;
  const Tracker* found = nullptr;
  std::size_t switches = 0;
  for (const Tracker& tracker : trackers_) {
    const Origin& origin = tracker.origin;
    if (origin.agent != agent.number || origin.kind != SampleKind::kFlow) continue;
    if (origin.source.type != kEntity) continue;
    const Origin of_port{agent.number, origin.sub_agent, SampleKind::kCounter, port};
    if (tracker_of(of_port) != nullptr) return &tracker;
    found = &tracker;
    ++switches;
  }
  return switches == 1 ? found : nullptr;
}

void AgentHealth::tell_rate(const Tracker& flows, SourceReport& report) {
  report.sampling_rate = flows.rate;
  if (flows.pooled_in == 0) return;
  report.effective_sampling_rate =
      static_cast<double>(flows.pooled) / static_cast<double>(flows.pooled_in);
}

void AgentHealth::tell_flows(const Tracker& flows, SourceReport& report) {
  report.flow_samples += flows.sequence.count().received;
  tell_rate(flows, report);
}

void AgentHealth::tell_counters(const Tracker& counters, SourceReport& report) {
  const auto received = counters.sequence.count().received;
  report.counter_samples += received;
  if (received <= 1) return;
  const std::chrono::duration<double> passed = counters.last - counters.first;
  report.effective_polling_seconds = passed.count() / static_cast<double>(received - 1);
}

std::optional<SourceReport> AgentHealth::source(const net::IpAddress& agent,
                                                const sflow::SourceId& source) const {
  const auto known = agents_.find(agent);
  if (known == agents_.end()) return std::nullopt;
  SourceReport report;
  const auto tracker = [&](std::uint32_t sub_agent, SampleKind kind) {
    return tracker_of(Origin{known->second.number, sub_agent, kind, source});
  };
  bool is_known = false;
  for (const auto& [id, sub_agent] : known->second.sub_agents) {
    const Tracker* const flows = tracker(id, SampleKind::kFlow);
    const Tracker* const counters = tracker(id, SampleKind::kCounter);
    if (flows != nullptr) tell_flows(*flows, report);
    if (counters != nullptr) tell_counters(*counters, report);
    is_known = is_known || flows != nullptr || counters != nullptr;
  }
  const bool is_port = source.type == 0;
  if (is_port && report.flow_samples == 0) {
    if (const Tracker* const of_switch = switch_of(known->second, source)) {
      is_known = true;
      tell_rate(*of_switch, report);
    }
  }
  return is_known ? std::optional(report) : std::nullopt;
}

std::vector<AgentReport> AgentHealth::agents() const {
  std::vector<AgentReport> reports;
  std::unordered_map<std::uint32_t, std::size_t> places;
  for (const auto& [address, agent] : agents_) {
    places.emplace(agent.number, reports.size());
    reports.push_back(agent.report);
    for (const auto& [id, sub_agent] : agent.sub_agents) {
      reports.back().datagrams += sub_agent.sequence.count();
    }
  }
  for (const Tracker& tracker : trackers_) {
    AgentReport& report = reports[places.at(tracker.origin.agent)];
    SampleHealth& health = tracker.origin.kind == SampleKind::kFlow      ? report.flows
                           : tracker.origin.kind == SampleKind::kCounter ? report.counters
                                                                         : report.discards;
    health.samples += tracker.sequence.count();
    health.drops += tracker.drops;
    ++health.data_sources;
  }
  return reports;
}

std::size_t AgentHealth::expire(Time then) {
  finish();
  std::vector<std::uint32_t> gone;
  std::erase_if(agents_, [&](const auto& entry) {
    const Agent& agent = entry.second;
    if (agent.report.last_seen >= then) return false;
    gone.push_back(agent.number);
    sub_agents_ -= agent.sub_agents.size();
    return true;
  });
  if (gone.empty()) return 0;
  // Numbers are given in the order of first appearance, agents go in that of their addresses.
  std::ranges::sort(gone);
  std::erase_if(trackers_, [&](const Tracker& tracker) {
    return std::ranges::binary_search(gone, tracker.origin.agent);
  });
  places_ = {};
  for (std::size_t place = 0; place < trackers_.size(); ++place) index(place);
  agent_ = nullptr;
  sub_agent_ = nullptr;
  return gone.size();
}

}  // namespace fabrix::telemetry
