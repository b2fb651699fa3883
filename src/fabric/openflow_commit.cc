// OpenFlowFabric's commits: what becomes of a Program that is installed, step by step.
#include <utility>

#include "base/assert.h"
#include "fabric/openflow_fabric.h"

namespace fabrix::fabric {

// Starting, carrying out, and starting what has waited call one another, as often as there is
// something: an install or an audit may wait, and a change has few steps that need nothing.
// NOLINTBEGIN(misc-no-recursion)
void OpenFlowFabric::start(FlowPlanPtr plan, Done done) {
  begin(std::move(plan), std::move(done));
  carry_out();
}

void OpenFlowFabric::begin(FlowPlanPtr plan, Done done) {
  refused_ = false;
  auto before = std::exchange(wanted_, std::move(plan));
  begin_commit(std::move(before), std::move(done), SwitchFlows::Purpose::kChange);
}

// What is written beside the Program in force needs no proof.
void OpenFlowFabric::install_proven(program::ProgramPtr program, const Proof& proof, Done done) {
  if (phase_ != Phase::kReady || committing_) {
    return Fabric::install_proven(std::move(program), proof, std::move(done));
  }
  auto plan = FlowPlan::make(program, ports_, *wanted_, tags_);
  if (!plan) return done(fail(plan.error()));
  begin(*std::move(plan), done);
  committing_->is_proven = false;
  const bool is_unseen =
      flows_.writes_unseen() && meters_to_set(meters_, committing_->meters).empty();
  if (is_unseen) carry_out();
  // What is sent may find the switch gone.
  if (phase_ == Phase::kDisconnected) {
    return Fabric::install_proven(std::move(program), proof, std::move(done));
  }
  if (!committing_) return;  // It was refused, and that was said.
  if (const auto proven = proof(); !proven) {
    abandon();
    return done(fail(proven.error()));
  }
  committing_->is_proven = true;
  if (!is_unseen) carry_out();
}

// What was written beside goes again.
void OpenFlowFabric::abandon() {
  wanted_ = committing_->fallback;
  committing_->done = nullptr;
  committing_->is_right_after = in_sync_;
  committing_->meters = program() ? meters_for(*program()) : Meters{};
  if (const auto ahead = std::exchange(committing_->ahead, {})) channel_->withdraw(*ahead);
  flows_.abandon();
  carry_out();
}

void OpenFlowFabric::commit(FlowPlanPtr fallback, Done done, SwitchFlows::Purpose purpose) {
  begin_commit(std::move(fallback), std::move(done), purpose);
  carry_out();
}

void OpenFlowFabric::begin_commit(FlowPlanPtr fallback, Done done, SwitchFlows::Purpose purpose) {
  committing_ = Commit{.stage = Commit::Stage::kNewMeters,
                       .token = {},
                       .meters = program() ? meters_for(*program()) : Meters{},
                       .fallback = std::move(fallback),
                       .done = std::move(done)};
  flows_.start(wanted_, commits_, purpose);
}

// Asks the switch for what the stage needs; stages that need nothing are over.
void OpenFlowFabric::carry_out() {
  using enum Commit::Stage;
  committing_->token = openflow::CommitToken{next_token_++};
  Result<void> queued;
  if (committing_->stage == kNewMeters) {
    const auto mods = meters_to_set(meters_, committing_->meters);
    if (mods.empty()) {
      committing_->stage = kFlows;
    } else {
      queued = channel_->change_meters(committing_->token, mods);
    }
  }
  if (committing_->stage == kFlows) {
    if (!flows_.is_done()) {
      queued = change_flows();
    } else {
      committing_->stage = kOldMeters;
    }
  }
  if (committing_ && committing_->stage == kOldMeters) {
    const auto mods = meters_to_remove(meters_, committing_->meters);
    if (mods.empty()) return complete();
    queued = channel_->change_meters(committing_->token, mods);
  }
  if (!queued) return on_refusal(queued.error().message, openflow::Left::kUnchanged);
  if (on_output) on_output();
}

// The next batch, unless it is on its way, and the one after it: that is made while the switch is
// busy with the first.
Result<void> OpenFlowFabric::change_flows() {
  if (auto ahead = std::exchange(committing_->ahead, {})) {
    committing_->token = *ahead;
  } else if (auto asked = change_flows(committing_->token, *flows_.next()); !asked) {
    return asked;
  }
  if (on_output) on_output();
  // What is sent may find the switch gone.
  auto mods = committing_ ? flows_.after_next() : std::nullopt;
  if (!mods) return {};
  const openflow::CommitToken token{next_token_++};
  // What cannot be asked for ahead is asked for, or refused, when it is next.
  if (change_flows(token, *std::move(mods))) committing_->ahead = token;
  return {};
}

Result<void> OpenFlowFabric::change_flows(openflow::CommitToken token,
                                          std::vector<openflow::FlowMod> mods) {
  if (auto room = tables_.check_room(*wanted_); !room) return room;
  if (auto fits = tables_.check(mods); !fits) return fits;
  return channel_->commit(token, std::move(mods));
}

void OpenFlowFabric::on_event_of(const openflow::Committed& event) {
  using enum Commit::Stage;
  if (!committing_ || committing_->token != event.token) return;
  switch (committing_->stage) {
    case kNewMeters:
      for (const auto& [id, meter] : committing_->meters) meters_.insert_or_assign(id, meter);
      committing_->changed_meters = true;
      committing_->stage = kFlows;
      return carry_out();
    case kFlows: {
      const auto progress = flows_.on_committed();
      if (progress == SwitchFlows::Progress::kRefused) return give_up(openflow::Left::kUnchanged);
      if (progress == SwitchFlows::Progress::kInForce) come_into_force();
      if (committing_) carry_out();
      return;
    }
    case kOldMeters:
      meters_ = committing_->meters;
      return complete();
  }
}

void OpenFlowFabric::come_into_force() {
  if (program()) expect_counts();
  had_flows_ = wanted_->size() != 0;
  // What remains to be done may take a while.
  if (flows_.is_done()) return;
  const Done done = std::exchange(committing_->done, nullptr);
  if (done) done({});
}

void OpenFlowFabric::complete() {
  in_sync_ = committing_->is_right_after;
  finish({});
  start_waiting();
}

void OpenFlowFabric::on_event_of(const openflow::Rejected& event) {
  if (event.token == limiting_) {
    controller_limit_.refused();
    return report("switch does not limit what it sends here: " + event.reason);
  }
  if (!committing_ || committing_->token != event.token) return;
  report("switch refused a change: " + event.reason);
  on_refusal(event.reason, event.left);
}

void OpenFlowFabric::on_refusal(const std::string& reason, openflow::Left left) {
  using enum Commit::Stage;
  // Nothing uses them: whatever is left of them is tried again with the next change.
  if (committing_->stage == kOldMeters) return complete();
  committing_->refusal = reason;
  if (const auto ahead = std::exchange(committing_->ahead, {})) channel_->withdraw(*ahead);
  const bool goes_on =
      committing_->stage == kFlows && flows_.on_rejected() == SwitchFlows::Progress::kUnderWay;
  if (goes_on) return carry_out();
  give_up(left);
}

// The switch has the Program from before, and, if `left` says so, something of this one.
void OpenFlowFabric::give_up(openflow::Left left) {
  const bool own_correction = !committing_->done;
  if (own_correction) {
    refused_ = true;
    in_sync_ = false;
  }
  wanted_ = committing_->fallback;
  const bool unknown = left == openflow::Left::kUnknown || committing_->changed_meters;
  if (unknown) phase_ = Phase::kReading;
  finish(fail(Error{committing_->refusal}));
  if (!channel_) return;
  if (unknown) {
    if (!read_flows()) report("switch cannot be read now");
    return;
  }
  start_waiting();
}

// Starts the install or else the audit that had to wait, if it need not wait longer.
void OpenFlowFabric::start_waiting() {
  if (phase_ != Phase::kReady || committing_) return;
  if (!waiting_) {
    if (audit_waits_) start_audit();
    return;
  }
  Waiting next = *std::exchange(waiting_, std::nullopt);
  start(std::move(next.plan), std::move(next.done));
}

// NOLINTEND(misc-no-recursion)

void OpenFlowFabric::finish(Result<void> outcome) {
  if (!committing_) return;
  const Done done = std::move(committing_->done);
  committing_.reset();
  if (done) done(std::move(outcome));
}

}  // namespace fabrix::fabric
