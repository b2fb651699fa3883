// What texts, events and time make of policies and the states of their fsms: see controller.h.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/judge.h"
#include "controller/controller.h"
#include "controller/fsm_foresight.h"
#include "controller/read_policy.h"
#include "policy/report.h"

namespace fabrix::controller {
namespace {

std::string cause_of(const FsmEvent& event) {
  for (const auto& [name, value] : event.fields) {
    if (name == "value") return event.name + "=" + value;
  }
  return event.name;
}

}  // namespace

Controller::PolicyResult Controller::set_policy(net::ParticipantId participant,
                                                std::string_view text, std::string_view file) {
  auto read = read_text(participant, {text, file}, policies_[participant.index()]);
  if (!read) return fail(std::move(read).error());
  const bool reviewed = read->accepted.fsms != nullptr;
  auto applied = apply_policy(participant, std::move(read->accepted));
  if (!applied) return applied;
  unforeseen_.insert(participant);
  auto warnings = std::move(read->warnings);
  if (!reviewed) warnings.insert(warnings.end(), applied->begin(), applied->end());
  return warnings;
}

Controller::FsmView Controller::fsms(net::ParticipantId participant) const {
  const Accepted& accepted = policies_[participant.index()];
  if (accepted.fsms == nullptr) return {};
  return {.policy = accepted.fsms.get(),
          .states = &accepted.states,
          .transitions = &transitions_[participant.index()]};
}

Controller::EventResult Controller::event(net::ParticipantId participant, const FsmEvent& event,
                                          Clock::time_point now) {
  const auto refuse = [this](EventRefusal why) {
    ++counters_.refused_events;
    return fail(std::move(why));
  };
  const Accepted& accepted = policies_[participant.index()];
  if (accepted.fsms == nullptr) {
    return refuse({.error = fmt::format("the policy of {} has no fsm",
                                        exchange_.participant(participant).name)});
  }
  auto change = apply(*accepted.fsms, accepted.states, event, now, exchange_.fsm_instances);
  if (!change) return refuse({.error = std::move(change).error().message});
  auto moves = describe(participant, *change, cause_of(event), now);
  const auto entered = enter(participant, std::move(change->states));
  if (!entered) {
    return refuse({.error = "the policy cannot be in the states that this leads to",
                   .diagnostics = entered.error()});
  }
  ++counters_.events;
  remember(participant, moves);
  await_timeout(participant, now);
  return moves;
}

std::vector<FsmTransition> Controller::describe(net::ParticipantId participant,
                                                const FsmChange& change, std::string_view cause,
                                                Clock::time_point now) const {
  const policy::FsmPolicy& policy = *policies_[participant.index()].fsms;
  std::vector<FsmTransition> result;
  for (const FsmMove& move : change.moves) {
    const policy::Machine& machine = policy.machines()[move.machine];
    result.push_back({.at = now,
                      .fsm = machine.name,
                      .of = policy::describe_class(machine, move.key),
                      .from = policy::describe(machine, move.from),
                      .to = policy::describe(machine, move.to),
                      .cause = std::string(cause)});
  }
  return result;
}

void Controller::remember(net::ParticipantId participant,
                          const std::vector<FsmTransition>& transitions) {
  auto& all = transitions_[participant.index()];
  for (const FsmTransition& each : transitions) {
    if (all.size() == kMaxTransitionsKept) all.erase(all.begin());
    all.push_back(each);
  }
}

// The policy as it reads in these states: the object it was before, if that is still known.
Result<std::shared_ptr<const policy::Policy>, std::vector<Diagnostic>> Controller::read_states(
    net::ParticipantId participant, const FsmStates& states) {
  const Accepted& present = policies_[participant.index()];
  FsmReadings& readings = readings_[participant.index()];
  readings.begin(present.fsms, present.states, present.policy);
  if (auto known = readings.find(states)) return known;
  FABRIX_TRY(auto read, present.fsms->read(states.instances()));
  auto policy = std::make_shared<const policy::Policy>(std::move(read));
  if (present.fsms->may_reclassify()) {
    Budget budget(compiler::kPolicySteps);
    FABRIX_TRY(const auto warnings, compiler_.review(participant, *policy, present.file, budget));
  }
  readings.keep(states, policy);
  return policy;
}

// What is wrong in states that policies which have been loaded may come to. Of one that is new it
// is a fault of the round; of others the event that leads there will be refused.
std::optional<std::string> Controller::fault_ahead(Round& round) {
  if (suspended_) return std::nullopt;
  for (const net::ParticipantId each : std::exchange(unforeseen_, {})) {
    auto fault = fault_in_states(each, round);
    if (!fault) continue;
    const bool is_new =
        std::ranges::find(round.changes, each, &Change::participant) != round.changes.end();
    const bool is_back = world_.policies[each.index()] == policies_[each.index()].policy;
    if (is_new || !is_back) return fault;
    notice(Severity::kWarning,
           fmt::format("policy of {}: what leads to a state will be refused, {}",
                       exchange_.participant(each).name, *fault));
  }
  return std::nullopt;
}

// Compiles and proves for all states that read differently. Of fsms that have one instance each
// what comes of it is kept until they are entered. The compiler is as before then, and the verifier
// is but for what it found wrong.
std::optional<std::string> Controller::fault_in_states(net::ParticipantId participant,
                                                       Round& round) {
  const Accepted& present = policies_[participant.index()];
  if (present.fsms == nullptr) return std::nullopt;
  Budget budget(compiler::kPolicySteps);
  const auto fault =
      first_fault(*present.fsms, {.read =
                                      [&](const policy::Combination& each) {
                                        const auto policy = read_everywhere(participant, each);
                                        return policy == present.policy ? nullptr : policy;
                                      },
                                  .prove =
                                      [&](const std::shared_ptr<const policy::Policy>& policy) {
                                        compiler_.foresee(participant, policy, budget);
                                        return fault_in(participant, policy, round);
                                      },
                                  .is_spent = [&budget] { return budget.is_spent(); }});
  auto now = fault_in(participant, present.policy, round);
  return fault ? fault : now;
}

// The policy where all packets are in these states. Null: it cannot be read so.
std::shared_ptr<const policy::Policy> Controller::read_everywhere(
    net::ParticipantId participant, const policy::Combination& combination) {
  const policy::FsmPolicy& fsms = *policies_[participant.index()].fsms;
  const auto has_key = [](const policy::Machine& each) { return !each.key.empty(); };
  if (std::ranges::none_of(fsms.machines(), has_key)) {
    const auto policy = read_states(participant, in_states(fsms, combination));
    return policy ? *policy : nullptr;
  }
  policy::Report unheard("");  // parse() has told
  return std::make_shared<const policy::Policy>(fsms.read(combination, unheard).policy);
}

// The policy in these states, as if they had come, and what is wrong then.
std::optional<std::string> Controller::fault_in(net::ParticipantId participant,
                                                const std::shared_ptr<const policy::Policy>& policy,
                                                Round& round) {
  std::shared_ptr<const policy::Policy>& meant = world_.policies[participant.index()];
  if (policy == meant) return std::nullopt;
  const auto changed = compiler_.change_state(participant, policy, policy_file(participant));
  if (!changed) return changed.error().front().message;
  meant = policy;
  const auto output = compiler_.compile(round_began_);
  round.clients.insert(round.clients.end(), output.renumbered.begin(), output.renumbered.end());
  round.program = output.program;
  return fault_of({}, output);
}

// The policy in other states of its fsms.
Result<void, std::vector<Diagnostic>> Controller::enter(net::ParticipantId participant,
                                                        FsmStates states) {
  Accepted& wanted = policies_[participant.index()];
  Accepted& good = good_[participant.index()];
  FABRIX_TRY(auto policy, read_states(participant, states));
  if (on_states) on_states();
  if (policy == wanted.policy) {  // only clocks, or states that read alike
    if (good.policy == wanted.policy) good.states = states;
    wanted.states = std::move(states);
    return {};
  }
  if (!suspended_) {
    const auto changed = compiler_.change_state(participant, policy, wanted.file);
    if (!changed) return fail(changed.error());
    world_.policies[participant.index()] = policy;
  }
  wanted.policy = std::move(policy);
  wanted.states = std::move(states);
  if (std::ranges::find(changed_states_, participant) == changed_states_.end()) {
    changed_states_.push_back(participant);
  }
  if (!suspended_) changed();
  return {};
}

std::string Controller::restore_states(net::ParticipantId participant, const FsmStates& states) {
  const Accepted& accepted = policies_[participant.index()];
  if (accepted.fsms == nullptr) return "the policy has no fsm";
  if (states.count() > exchange_.fsm_instances) return "there are too many instances";
  const bool entered = enter(participant, states).has_value();
  if (!entered) return "the policy cannot be in them";
  const auto due = next_timeout(*accepted.fsms, accepted.states);
  if (due && (!timeout_due_ || *due < *timeout_due_)) timeout_due_ = due;
  if (timeout_due_) ask_to_wake(*timeout_due_);
  return {};
}

// At the earliest when a timeout of its may be due.
void Controller::await_timeout(net::ParticipantId participant, Clock::time_point now) {
  const Accepted& accepted = policies_[participant.index()];
  for (std::size_t i = 0; i < accepted.states.machines.size(); ++i) {
    if (accepted.states.machines[i]->empty()) continue;
    for (const policy::Timeout& timeout : accepted.fsms->machines()[i].timeouts) {
      const auto due = now + timeout.after;
      if (!timeout_due_ || due < *timeout_due_) timeout_due_ = due;
    }
  }
  if (timeout_due_) ask_to_wake(*timeout_due_);
}

void Controller::expire_states(Clock::time_point now) {
  if (!timeout_due_ || *timeout_due_ > now) return;
  timeout_due_.reset();
  for (const exchange::Participant& each : exchange_.participants) {
    if (policies_[each.id.index()].fsms == nullptr) continue;
    const auto due = expire_states(each.id, now);
    if (due && (!timeout_due_ || *due < *timeout_due_)) timeout_due_ = due;
  }
}

// When to look again; none: nothing of its times out.
std::optional<Controller::Clock::time_point> Controller::expire_states(
    net::ParticipantId participant, Clock::time_point now) {
  const Accepted& accepted = policies_[participant.index()];
  FsmChange change = expire(*accepted.fsms, accepted.states, now);
  const auto moves = describe(participant, change, "timeout", now);
  if (!moves.empty()) {
    if (!enter(participant, std::move(change.states))) {
      notice(Severity::kError,
             fmt::format("policy of {}: it cannot be in the states after a timeout",
                         exchange_.participant(participant).name));
      return now + kResumeAfter;
    }
    remember(participant, moves);
  }
  return next_timeout(*accepted.fsms, accepted.states);
}

Result<Controller::Read, std::vector<Diagnostic>> Controller::read_text(
    net::ParticipantId participant, const PolicyText& text, const Accepted& before) {
  auto read = read_policy(compiler_, exchange_, participant, text,
                          {.fsms = before.fsms.get(), .states = &before.states});
  if (!read) return fail(std::move(read).error());
  return Read{.accepted = {.policy = std::move(read->policy),
                           .text = std::string(text.text),
                           .file = std::string(text.file),
                           .fsms = std::move(read->fsms),
                           .states = std::move(read->states)},
              .warnings = std::move(read->warnings)};
}

}  // namespace fabrix::controller
