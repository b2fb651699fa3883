// OpenFlowFabric's commits: what becomes of a Program that is installed, step by step.
#include <utility>

#include "base/assert.h"
#include "fabric/openflow_fabric.h"

namespace fabrix::fabric {
namespace {

// Batches that are made while the switch is busy with the one before, and while a proof is made:
// nobody hears then what the switch says.
constexpr std::size_t kAhead = 1;
constexpr std::size_t kAheadOfProof = 16;
// How long the switch may wait for more of them.
constexpr std::chrono::microseconds kTurn{500};

}  // namespace

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
  auto plan = FlowPlan::outline(program, ports_, *wanted_, tags_);
  if (!plan) return done(fail(plan.error()));
  begin(*std::move(plan), done);
  committing_->is_proven = false;
  const bool is_unseen =
      flows_.writes_unseen() && meters_to_set(meters_, committing_->meters).empty();
  if (is_unseen) carry_out();
  if (phase_ == Phase::kReady && !committing_) return;  // It was refused, and that was said.
  const auto proven = write_while(proof);
  if (!committing_) return proven ? install(std::move(program), std::move(done)) : done(proven);
  if (!proven) {
    abandon();
    return done(proven);
  }
  committing_->is_proven = true;
  if (!is_unseen) carry_out();
}

// What is sent may find the switch gone, or not to be had: then nothing is being committed.
Result<void> OpenFlowFabric::write_while(const Proof& proof) {
  auto proven = proof(kTurn);
  while (!proven) {
    if (committing_ && flows_.writes_unseen()) change_ahead(kAheadOfProof);
    proven = proof(kTurn);
  }
  return *std::move(proven);
}

// What was written beside goes again.
void OpenFlowFabric::abandon() {
  wanted_ = committing_->fallback;
  committing_->done = nullptr;
  committing_->is_right_after = in_sync_;
  committing_->meters = program() ? meters_for(*program()) : Meters{};
  withdraw_ahead();
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

// The next batch, unless it is on its way, and what follows it.
Result<void> OpenFlowFabric::change_flows() {
  auto& ahead = committing_->ahead;
  if (!ahead.empty()) {
    committing_->token = ahead.front();
    ahead.pop_front();
  } else if (auto asked = change_flows(committing_->token, *flows_.next()); !asked) {
    return asked;
  }
  if (on_output) on_output();
  // What is sent may find the switch gone.
  if (committing_) change_ahead(kAhead);
  return {};
}

// Another batch, if there is one, and fewer than so many are on their way besides the next.
void OpenFlowFabric::change_ahead(std::size_t most) {
  auto& ahead = committing_->ahead;
  if (ahead.size() >= most) return;
  auto mods = flows_.after_next(ahead.size());
  if (!mods) return;
  const openflow::CommitToken token{next_token_++};
  // What cannot be asked for ahead is asked for, or refused, when it is next.
  if (!change_flows(token, *std::move(mods))) return;
  ahead.push_back(token);
  if (on_output) on_output();
}

// What the switch has begun with, it ends before what follows.
void OpenFlowFabric::withdraw_ahead() {
  for (const openflow::CommitToken each : std::exchange(committing_->ahead, {})) {
    channel_->withdraw(each);
  }
}

// A plan that is not whole yet has room as far as the switch is concerned.
Result<void> OpenFlowFabric::change_flows(openflow::CommitToken token,
                                          std::vector<openflow::FlowMod> mods) {
  if (wanted_->is_whole()) {
    if (auto room = tables_.check_room(*wanted_); !room) return room;
  }
  if (auto fits = tables_.check(mods); !fits) return fits;
  using enum openflow::CommitOrder;
  return channel_->commit(token, std::move(mods), flows_.writes_unseen() ? kInARow : kAlone);
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
  withdraw_ahead();
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
