#include "fabric/openflow_fabric.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/assert.h"
#include "fabric/cookie_slices.h"
#include "fabric/switch_port_counts.h"
#include "fabric/tagged_flows.h"

namespace fabrix::fabric {

void OpenFlowFabric::install(program::ProgramPtr program, Done done) {
  const bool waits = waiting_ && waiting_->done;
  FABRIX_ASSERT(!waits && (!committing_ || !committing_->done));  // One install at a time.
  auto plan = FlowPlan::make(std::move(program), ports_, *wanted_, tags_);
  if (!plan) return done(fail(plan.error()));
  if (phase_ == Phase::kReady && !committing_) {
    start(*std::move(plan), std::move(done));
  } else if (phase_ == Phase::kReady || phase_ == Phase::kReading) {
    waiting_ = Waiting{.plan = *std::move(plan), .done = std::move(done)};
  } else {
    wanted_ = *std::move(plan);
    done({});
  }
}

void OpenFlowFabric::set_tags(const PortTags& tags) {
  if (std::exchange(tags_, tags) == tags) return;
  const FlowPlanPtr& newest = waiting_ ? waiting_->plan : wanted_;
  if (!newest->program()) return;
  auto plan = FlowPlan::make(newest->program(), ports_, *newest, tags_);
  FABRIX_ASSERT(plan.has_value());  // install() has translated it before.
  if (waiting_) {
    waiting_->plan = *std::move(plan);
  } else if (phase_ == Phase::kReady && !committing_) {
    start(*std::move(plan), {});
  } else if (phase_ == Phase::kReady || phase_ == Phase::kReading) {
    waiting_ = Waiting{.plan = *std::move(plan), .done = {}};
  } else {
    wanted_ = *std::move(plan);
  }
}

// What the switch is doing now is done first.
void OpenFlowFabric::audit(const program::ProgramPtr& program, AuditDone done) {
  if (phase_ == Phase::kDisconnected) return done(fail(Error{"no switch is connected"}));
  if (auditing_) return done(fail(Error{"the switch is being read already"}));
  const bool busy = phase_ != Phase::kReady || committing_;
  if (!busy && this->program() != program)
    return done(fail(Error{"the switch has another Program"}));
  auditing_ = std::move(done);
  if (busy) {
    audit_waits_ = true;
  } else {
    start_audit();
  }
}

// Installs wait until the flows are read, as after a connection.
void OpenFlowFabric::start_audit() {
  audit_waits_ = false;
  if (auto asked = read_flows(); !asked) return end_audit(fail(asked.error()));
  phase_ = Phase::kReading;
  if (on_output) on_output();
}

Result<void> OpenFlowFabric::read_flows() {
  if (!program()) return channel_->read_flows();
  return channel_->read_flows(slices_for(*program(), wanted_->size()));
}

void OpenFlowFabric::end_audit(Result<FabricAudit> outcome) {
  audit_waits_ = false;
  const AuditDone done = std::exchange(auditing_, nullptr);
  if (done) done(std::move(outcome));
}

void OpenFlowFabric::send_frame(net::PortNo port, std::span<const std::byte> frame) {
  if (phase_ != Phase::kReady && phase_ != Phase::kReading) return;
  openflow::PacketOut packet{
      .actions = with_tags(tags_, {openflow::Output{.port = port, .max_len = 0}}),
      .data = {frame.begin(), frame.end()}};
  // A full output queue loses the answer; the router asks again.
  std::ignore = channel_->packet_out(std::move(packet));
  if (on_output) on_output();
}

std::string OpenFlowFabric::status() const {
  if (fenced_) return "openflow: another controller of a newer generation is master";
  if (phase_ == Phase::kDisconnected) return "openflow: no switch connected";
  if (!is_connected()) return "openflow: connecting";
  std::string text =
      fmt::format("openflow: connected, datapath {:016x}, {} flows", datapath_id_, flows_.size());
  if (!meters_.empty()) text += fmt::format(", {} meters", meters_.size());
  return text;
}

// Whether it asks now.
bool OpenFlowFabric::read_counts(std::vector<FlowCounts::Slice> slices) {
  if (counts_.empty() || slices.empty()) {
    if (on_query_counts) on_query_counts();
    return false;
  }
  if (phase_ != Phase::kReady || reading_counts_) return false;
  left_to_count_ = std::move(slices);
  reads_drops_ = false;
  reading_counts_ = read_next_counts();
  if (on_output) on_output();
  return reading_counts_;
}

// Where there is no room now there will be next time.
bool OpenFlowFabric::read_next_counts() {
  if (left_to_count_.empty()) return false;
  const FlowCounts::Slice slice = left_to_count_.back();
  left_to_count_.pop_back();
  return channel_->read_counts(slice.cookie, slice.mask).has_value();
}

void OpenFlowFabric::read_port_counts() {
  if (phase_ != Phase::kReady || reading_ports_) return;
  reading_ports_ = channel_->read_port_counts().has_value();
  if (on_output) on_output();
}

void OpenFlowFabric::connected(Time now) {
  disconnected();
  channel_.emplace(openflow::Channel({.master_generation = generation_}, now),
                   underlay_ ? &*underlay_ : nullptr);
  phase_ = Phase::kHandshake;
  if (on_output) on_output();
}

void OpenFlowFabric::take_over(openflow::Channel channel, std::vector<openflow::Event> events) {
  disconnected();
  channel_.emplace(std::move(channel), underlay_ ? &*underlay_ : nullptr, std::move(events));
  phase_ = Phase::kHandshake;
  handle_events();
}

void OpenFlowFabric::use(const Topology& topology, const Paths& paths) {
  FABRIX_ASSERT(underlay_.has_value());
  underlay_->use(topology, paths);
  if (!channel_) return;
  channel_->update_groups();
  if (on_output) on_output();
}

void OpenFlowFabric::feed(std::span<const std::byte> bytes, Time now) {
  if (!channel_) return;
  channel_->feed(bytes, now);
  handle_events();
}

void OpenFlowFabric::tick(Time now) {
  if (!channel_) return;
  channel_->tick(now);
  handle_events();
}

void OpenFlowFabric::disconnected() {
  channel_.reset();
  phase_ = Phase::kDisconnected;
  in_sync_ = false;
  refused_ = false;
  reading_counts_ = false;
  reading_ports_ = false;
  flows_.forget();
  meters_.clear();
  auto waiting = std::exchange(waiting_, std::nullopt);
  if (waiting) wanted_ = waiting->plan;
  if (committing_ && !committing_->is_proven) {
    wanted_ = committing_->fallback;
    committing_.reset();
  }
  // Whether the commit was applied is unknown; the switch is read and corrected when it is back.
  finish({});
  if (waiting && waiting->done) waiting->done({});
  end_audit(fail(Error{"the switch went away"}));
}

std::optional<OpenFlowFabric::Time> OpenFlowFabric::deadline() const {
  return channel_ ? channel_->deadline() : std::nullopt;
}

std::vector<std::byte> OpenFlowFabric::take_output() {
  return channel_ ? channel_->take_output() : std::vector<std::byte>{};
}

void OpenFlowFabric::handle_events() {
  for (const openflow::Event& event : channel_->take_events()) {
    std::visit([this](const auto& one) { this->on_event_of(one); }, event);
    if (!channel_) return;
  }
  if (on_output) on_output();
}

void OpenFlowFabric::on_event_of(const openflow::Connected& event) {
  if (std::exchange(datapath_id_, event.datapath_id) != event.datapath_id) had_flows_ = false;
  controller_limit_.forget();
  fenced_ = false;
  commits_ = event.version == openflow::Version::kOpenFlow14 ? SwitchFlows::Commits::kAtomic
                                                             : SwitchFlows::Commits::kOneByOne;
  phase_ = Phase::kReading;
  report(fmt::format("switch connected datapath={:016x} version={} ports={}", event.datapath_id,
                     event.version == openflow::Version::kOpenFlow14 ? "1.4" : "1.3",
                     event.ports.size()));
  tables_ = TableCheck();
  const auto asked = channel_->read_tables() && read_flows();
  FABRIX_ASSERT(asked);  // Nothing else is queued on a fresh channel.
  switch_ports_.note(event, ports_, on_port);
}

void OpenFlowFabric::set_ports(const std::vector<net::PortNo>& ports) {
  const auto before = std::exchange(ports_, ports);
  const bool known = phase_ == Phase::kReading || phase_ == Phase::kReady;
  if (known) switch_ports_.note_wanted(before, ports_, on_port);
}

void OpenFlowFabric::on_event_of(const openflow::FlowsRead& event) {
  std::vector<openflow::FlowStats> flows = event.flows;
  note_flows(flows);
  if (program()) expect_counts();
  counts_.note_all(event.flows);
  if (auditing_ && !audit_waits_ && program() && found_.agrees()) {
    found_.actual = program();
  } else if (auditing_ && !audit_waits_ && program()) {
    const auto explained = explain(*program(), ports_, flows, found_, tags_);
    FABRIX_ASSERT(explained.has_value());  // install() has translated it before.
  }
  channel_->add_to(found_);
  const auto asked = channel_->read_meters();
  FABRIX_ASSERT(asked.has_value());  // The flows were the only operation.
}

void OpenFlowFabric::on_event_of(const openflow::MetersRead& event) {
  phase_ = Phase::kReady;
  meters_.clear();
  std::vector<openflow::MeterConfig> meters = event.meters;
  limit_controller(meters);
  for (const openflow::MeterConfig& meter : meters) meters_.emplace(meter.id, meter);
  if (program()) found_.meters = count_wrong(meters_, meters_for(*program()));
  const bool audited = auditing_ && !audit_waits_;
  if (audited) in_sync_ = in_sync_ && found_.agrees();
  if (program() && !refused_ && !(audited && found_.agrees())) {
    // From whatever the switch has to the newest Program.
    using enum SwitchFlows::Purpose;
    commit(wanted_, {}, audited ? kRestore : kChange);
  } else {
    start_waiting();
  }
  if (audited) end_audit(std::exchange(found_, {}));
  if (!audited && on_ready && channel_) on_ready();
}

// Besides all commits: nothing depends on it.
void OpenFlowFabric::limit_controller(std::vector<openflow::MeterConfig>& meters) {
  const auto mod = controller_limit_.note(meters);
  if (!mod) return;
  limiting_ = openflow::CommitToken{next_token_++};
  std::ignore = channel_->change_meters(limiting_, std::span(&*mod, 1));
}

void OpenFlowFabric::note_flows(std::vector<openflow::FlowStats>& installed) {
  found_ = flows_.note(installed, wanted_);
  if (!auditing_ || audit_waits_) mind_lost_flows();
  if (auditing_ && found_.agrees()) return;
  report(fmt::format("switch read flows={} foreign={} right={} wanted={}", found_.rules,
                     found_.foreign, found_.right, found_.wanted));
}

void OpenFlowFabric::mind_lost_flows() {
  const bool lost = had_flows_ && found_.rules == 0;
  had_flows_ = found_.rules != 0;
  if (!lost || !on_notice) return;
  on_notice(
      Severity::kWarning,
      fmt::format("switch {:016x} has lost its flow entries while it was away: it was started "
                  "again, or its fail mode is standalone and must be secure",
                  datapath_id_));
}

void OpenFlowFabric::expect_counts() {
  counts_.expect(*program(), ports_, flows_.active(), tags_);
}

void OpenFlowFabric::on_event_of(const openflow::CountsRead& event) {
  // A flow may have come back before its last removal was heard of.
  if (program() && counts_.forgot() && !committing_ && in_sync_) expect_counts();
  counts_.note(event.flows);
  if (read_next_counts()) return;
  const bool counts_more = reads_drops_ && !meters_.empty();
  if (!counts_more || !channel_->read_meter_counts()) end_counts();
}

void OpenFlowFabric::on_event_of(const openflow::MeterCountsRead& event) {
  counts_.note(program(), event.meters);
  end_counts();
}

void OpenFlowFabric::on_event_of(const openflow::PortCountsRead& event) {
  reading_ports_ = false;
  set_port_counts(port_counts_of(event.ports, ports_));
}

void OpenFlowFabric::on_event_of(const openflow::FlowRemoved& event) {
  counts_.note(event);
}

void OpenFlowFabric::on_event_of(const openflow::PacketIn& event) {
  if (on_frame) on_frame(openflow::in_port_of(event), event.data);
}

void OpenFlowFabric::on_event_of(const openflow::ErrorReported& event) {
  report("switch reports an error: " + event.reason);
}

void OpenFlowFabric::on_event_of(const openflow::Closed& event) {
  if (event.by != openflow::ClosedBy::kNewerMaster) {
    return report("switch connection over: " + event.reason);
  }
  if (std::exchange(fenced_, true)) return;  // It connects again and again.
  const std::string text = fmt::format("{}: with generation {} this one writes nothing to it",
                                       event.reason, generation_.value_or(0));
  report(text);
  if (on_notice) on_notice(Severity::kError, text);
}

void OpenFlowFabric::report(const std::string& text) const {
  if (on_event) on_event(text);
}

}  // namespace fabrix::fabric
