#include "controller/controller.h"

#include <algorithm>
#include <future>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "controller/symbols.h"
#include "verify/report.h"

namespace fabrix::controller {

using routeserver::PeerId;

Controller::Controller(const exchange::Exchange& exchange, fabric::Fabric& fabric)
    : exchange_(exchange),
      fabric_(&fabric),
      route_server_(exchange_),
      flowspec_(exchange_, route_server_),
      compiler_(exchange_, route_server_),
      next_hops_(compiler_, route_server_),
      responder_(exchange_),
      policies_(exchange.participants.size()),
      good_(exchange.participants.size()),
      transitions_(exchange.participants.size()),
      readings_(exchange.participants.size()),
      installed_(std::make_shared<program::Program>()),
      self_(std::make_shared<Controller*>(this)) {
  world_ = {.exchange = &exchange_,
            .reachability = &route_server_,
            .policies = {exchange.participants.size(), nullptr},
            .port_up = std::vector<bool>(exchange.routers.size(), true)};
  route_server_.set_next_hops([this](net::ParticipantId client, const net::Prefix& prefix) {
    return compiler_.virtual_next_hop(client, prefix);
  });
  route_server_.set_next_hops_by_group(
      {.group = [this](exchange::Place place) { return compiler_.hop_group(place); },
       .next_hops =
           [this](std::uint64_t group, net::Family family,
                  std::vector<exchange::ClientNextHop>& next_hops) {
             compiler_.next_hops_of(group, family, next_hops);
           },
       .version = [this] { return next_hops_.version(); }});
  fabric.on_frame = [this](net::PortNo port, std::span<const std::byte> frame) {
    take_frame(port, frame);
  };
  fabric.on_port = [this](net::PortNo port, bool up) { take_port(port, up); };
  fabric.on_query_counts = [this] { take_query_counts(); };
  fabric.on_notice = [this](Severity severity, const std::string& text) { notice(severity, text); };
  fabric.on_ready = [this] {
    retry_ = true;
    changed();
  };
}

Controller::~Controller() {
  *self_ = nullptr;
  fabric_->on_frame = nullptr;
  fabric_->on_port = nullptr;
  fabric_->on_ready = nullptr;
  fabric_->on_notice = nullptr;
  fabric_->on_query_counts = nullptr;
}

void Controller::set_watcher(Watcher* watcher) {
  watcher_ = watcher;
  route_server_.set_revised(nullptr);
  if (watcher == nullptr) return;
  route_server_.set_revised(
      [watcher](const routeserver::Revision& revision) { watcher->revised(revision); });
}

void Controller::remove_policy(net::ParticipantId participant) {
  const auto removed = apply_policy(participant, {});
  FABRIX_ASSERT(removed.has_value());  // Removing a policy cannot be ambiguous.
}

Controller::PolicyResult Controller::apply_policy(net::ParticipantId participant,
                                                  Accepted accepted) {
  auto set = compiler_.set_policy(participant, accepted.policy, accepted.file);
  if (!set) return set;
  policies_[participant.index()] = std::move(accepted);
  if (on_states) on_states();
  route_server_.set_virtual(participant, policies_[participant.index()].policy != nullptr);
  world_.policies[participant.index()] = policies_[participant.index()].policy;
  if (std::ranges::find(changed_policies_, participant) == changed_policies_.end()) {
    changed_policies_.push_back(participant);
  }
  weigh_dynamic();
  retry_ = true;
  changed();
  return set;
}

bool Controller::has_port_up(net::ParticipantId id) const {
  return std::ranges::any_of(exchange_.routers_of(id),
                             [this](net::RouterId each) { return world_.port_up[each.index()]; });
}

bool Controller::needs_settling() const {
  return dirty_ || routes_dirty_ || has_untold();
}

void Controller::changed() {
  dirty_ = true;
  if (on_change) on_change();
}

void Controller::routes_changed() {
  if (std::exchange(routes_dirty_, true)) return;
  if (on_change) on_change();
}

bool Controller::has_policies() const {
  return std::ranges::any_of(policies_,
                             [](const Accepted& accepted) { return accepted.policy != nullptr; });
}

bool Controller::has_source_checks() const {
  return std::ranges::any_of(exchange_.routers, [](const exchange::Router& router) {
    return router.is_reachable() && router.sources.mode != exchange::SourceCheck::kOff;
  });
}

// Without policies, and ports that check where packets come from, routes are no business of the
// fabric's: no round would change anything.
bool Controller::routes_go_alone() const {
  return !dirty_ && !ahead_ && !installing_ && !has_untold() && !has_policies() &&
         !has_source_checks();
}

void Controller::publish_routes() {
  routes_dirty_ = false;
  route_server_.publish_changed(kPublishAtOnce);
  tell_sessions();
  if (route_server_.has_changed()) routes_changed();
}

void Controller::tell_sessions() {
  if (watcher_ != nullptr) watcher_->released();
  flowspec_.settle();
  if (!on_output) return;
  for (const routeserver::Peer& peer : route_server_.peers()) {
    if (route_server_.has_output(peer.id) || flowspec_.has_output(peer.id)) on_output(peer.id);
  }
}

void Controller::notice(Severity severity, std::string text) {
  if (notices_.size() == kMaxNotices) notices_.erase(notices_.begin());
  notices_.push_back({.severity = severity, .text = std::move(text)});
  if (on_notice) on_notice(notices_.back());
}

// Tells what is new among the compiler's warnings.
void Controller::note_problems(const std::vector<Diagnostic>& problems) {
  std::vector<std::string> present;
  for (const Diagnostic& problem : problems) {
    if (std::ranges::find(problems_, problem.message) == problems_.end()) {
      notice(problem.severity, problem.message);
    }
    present.push_back(problem.message);
  }
  problems_ = std::move(present);
}

void Controller::take_frame(net::PortNo port, std::span<const std::byte> frame) {
  const auto now = Clock::now();
  if (!punt_budget_.take(port, now)) return;
  const auto reply = responder_.answer(*installed_, port, frame, now);
  if (!reply) return;
  ++counters_.neighbor_answers;
  fabric_->send_frame(port, *reply);
}

void Controller::settle(Clock::time_point now) {
  if (installing_ || !needs_settling()) return;
  if (has_untold()) return tell_next();
  if (routes_go_alone()) return publish_routes();
  dirty_ = false;
  routes_dirty_ = false;
  install(now);
}

Controller::Round Controller::begin_round() {
  const bool retry = std::exchange(retry_, false);
  const bool resumes = suspended_ && (retry || round_began_ - suspended_at_ >= kResumeAfter);
  if (resumes) resume();
  if (checks_suspended_at_ && !checks_held_ &&
      (retry || round_began_ - *checks_suspended_at_ >= kResumeAfter)) {
    checks_suspended_at_.reset();
    compiler_.set_source_checks(compiler::SourceChecks::kApply);
  }
  Round round = std::exchange(carried_, {});
  round.resumes = resumes;
  round.configuration = configuration_;
  round.standings = standings();
  for (const net::ParticipantId each : std::exchange(changed_policies_, {})) {
    round.clients.push_back(each);
    round.changes.push_back({each, policies_[each.index()]});
  }
  // Members have been told all that they need for any state.
  for (const net::ParticipantId each : std::exchange(changed_states_, {})) {
    const bool known =
        std::ranges::find(round.changes, each, &Change::participant) != round.changes.end();
    if (!known) round.changes.push_back({each, policies_[each.index()]});
  }
  if (route_server_.waiting_count() > 0) {
    release_waiting(round_began_);
    routes_dirty_ = false;  // this is their round
  }
  compiler_.routes_changed(route_server_.take_changed());
  return round;
}

void Controller::install(Clock::time_point now) {
  round_began_ = now;
  const auto began = Clock::now();
  Round round = begin_round();
  auto output = compiler_.compile(now);
  ++counters_.rounds;
  // Often a great many: not copied without need.
  std::swap(round.prefixes, output.routes_changed);
  round.prefixes.insert(round.prefixes.end(), output.routes_changed.begin(),
                        output.routes_changed.end());
  note_problems(output.problems);
  round.clients.insert(round.clients.end(), output.renumbered.begin(), output.renumbered.end());
  round.program = output.program;
  const auto is_installed = [this](const program::ProgramPtr& program) {
    return program == installed_ || *program == *installed_;
  };
  if (is_large(round) && !is_installed(round.program)) {
    return install_while_proving(std::move(round), output, began);
  }
  // Next hops may be wrong where rows are the same.
  auto fault = fault_of(round, output);
  if (!fault) fault = fault_ahead(round);
  if (watcher_ != nullptr) watcher_->compiled(Clock::now() - began);
  if (!fault && is_installed(round.program)) {
    in_force_ = round.standings;
    return publish(std::move(round));
  }
  ahead_ = true;
  if (fault) {
    refuse(std::move(round), *fault);
    return;
  }
  installing_ = true;
  const auto program = round.program;
  const auto kept = std::make_shared<Round>(std::move(round));
  fabric_->install(program, [self = self_, kept](Result<void> outcome) {
    if (*self != nullptr) (*self)->installed(std::move(*kept), std::move(outcome));
  });
}

// And whose proof needs nothing but what there is: states of fsms are proved by going through them.
bool Controller::is_large(const Round& round) const {
  const auto has_states = [this](net::ParticipantId each) {
    return policies_[each.index()].fsms != nullptr;
  };
  if (std::ranges::any_of(unforeseen_, has_states)) return false;
  std::size_t clauses = 0;
  for (const Change& change : round.changes) {
    if (change.accepted.policy != nullptr)
      clauses += change.accepted.policy->outbound.clauses.size();
  }
  return clauses >= kManyClauses;
}

// The proof is made on another thread, while this one, which would change what the proof looks at,
// does nothing but have the fabric write what packets do not meet.
void Controller::install_while_proving(Round round, const compiler::Output& output,
                                       Clock::time_point began) {
  ahead_ = true;
  installing_ = true;
  unforeseen_.clear();
  const auto program = round.program;
  const auto kept = std::make_shared<Round>(std::move(round));
  const auto verdict = std::make_shared<std::future<std::optional<std::string>>>(
      std::async(std::launch::async, [&] { return fault_of(*kept, output); }));
  const auto proof = [&](std::chrono::microseconds patience) -> std::optional<Result<void>> {
    if (verdict->wait_for(patience) != std::future_status::ready) return std::nullopt;
    kept->fault = verdict->get();
    if (watcher_ != nullptr) watcher_->compiled(Clock::now() - began);
    if (kept->fault) return Result<void>(fail(Error{*kept->fault}));
    return Result<void>();
  };
  fabric_->install_proven(program, proof, [self = self_, kept, verdict](Result<void> outcome) {
    if (verdict->valid()) verdict->wait();  // The fabric has refused it before it was proven.
    if (*self != nullptr) (*self)->installed(std::move(*kept), std::move(outcome));
  });
}

std::optional<std::string> Controller::fault_of(const Round& round,
                                                const compiler::Output& output) {
  terms_ = {.shortfalls = output.shortfalls, .meanings = output.meanings};
  const auto violations = verifier_.check({world_, output.program, next_hops_, terms_},
                                          {round.prefixes, output.renumbered});
  if (violations.empty()) return std::nullopt;
  return verify::summary(violations.front(), exchange_,
                         [this](net::ParticipantId owner) { return policy_file(owner); });
}

void Controller::check_fabric() {
  if (fabric_check_.is_pending) return;
  if (counters_.installs == 0) {
    // The fabric may do what a process before this one told it, which is nobody's change.
    fabric_check_ = {.is_pending = false,
                     .outcome = fail(Error{"nothing has been installed yet"}),
                     .program = installed_};
    return;
  }
  fabric_check_ = {.is_pending = true, .outcome = {}, .program = installed_};
  const auto take = [self = self_, asked = Clock::now()](Result<fabric::FabricAudit> outcome) {
    if (*self != nullptr) (*self)->take_audit(asked, std::move(outcome));
  };
  fabric_->audit(installed_, take);
}

// The fabric corrects what it finds; people should know who else writes to it.
void Controller::take_audit(Clock::time_point asked, Result<fabric::FabricAudit> outcome) {
  fabric_check_.is_pending = false;
  if (outcome) {
    const fabric::FabricAudit& found = *outcome;
    const auto now = Clock::now();
    ++counters_.audits;
    last_audit_ = {.at = now,
                   .took = std::chrono::duration_cast<std::chrono::microseconds>(now - asked),
                   .wrong = found.wrong()};
    if (!found.agrees()) {
      ++counters_.drifts;
      notice(Severity::kWarning,
             fmt::format("the fabric had been changed by somebody else: {} rules different, {} "
                         "missing, {} foreign, {} meters wrong, {} virtual next hops, {} ports, {} "
                         "others; corrected",
                         found.different, found.missing, found.foreign, found.meters,
                         found.neighbors, found.ports, found.others));
    }
  }
  fabric_check_.outcome = std::move(outcome);
}

void Controller::installed(Round round, Result<void> outcome) {
  installing_ = false;
  if (round.configuration != configuration_) {
    if (outcome) installed_ = round.program;
    return outdated(std::move(round));
  }
  if (!outcome) {
    const std::string why =
        round.fault ? *round.fault : "the fabric refused it: " + outcome.error().message;
    refuse(std::move(round), why);
    return;
  }
  ++counters_.installs;
  installed_ = round.program;
  in_force_ = round.standings;
  publish(std::move(round));
}

// Members may hear of what this round brought.
void Controller::publish(Round round) {
  ahead_ = false;
  for (const Change& change : round.changes) {
    good_[change.participant.index()] = change.accepted;
  }
  if (round.resumes) notice(Severity::kNote, "policies apply again");
  for (const net::ParticipantId client : round.clients) route_server_.publish_all(client);
  untold_ = std::move(round.prefixes);
  tell_next();
}

// In pieces, and others have their turn between: what gathers for a member goes out meanwhile. No
// round begins before the end.
void Controller::tell_next() {
  const auto rest = std::span(std::as_const(untold_)).subspan(told_);
  const auto piece = rest.first(std::min(rest.size(), kPublishAtOnce));
  told_ += piece.size();
  route_server_.publish(piece);
  tell_sessions();
  if (!has_untold()) forget_untold();
  if (needs_settling() && on_change) on_change();
}

void Controller::forget_untold() {
  untold_ = {};
  told_ = 0;
}

void Controller::refuse(Round round, const std::string& why) {
  ++counters_.refused;
  const bool drops_checks =
      round.changes.empty() && has_source_checks() && !checks_suspended_at_ && !checks_held_;
  const bool plain = (suspended_ || !has_policies()) && !drops_checks;
  if (plain && round.changes.empty()) {
    notice(Severity::kError, "Program not installed, " + why);
    publish(std::move(round));
    return;
  }
  if (!round.changes.empty()) {
    notice(Severity::kError,
           fmt::format("policy of {} taken back, {}", names_of(round.changes), why));
    take_back(round.changes);
  }
  // Resumed policies are not proven to be good by what was taken back.
  if (drops_checks) {
    suspend_checks(why);
  } else if (round.changes.empty() || round.resumes) {
    notice(Severity::kError, "policies suspended, " + why);
    suspend();
  }
  // Added to what take_back() and suspend() have noted.
  carried_.prefixes.insert(carried_.prefixes.end(), round.prefixes.begin(), round.prefixes.end());
  carried_.clients.insert(carried_.clients.end(), round.clients.begin(), round.clients.end());
  changed();
}

std::string Controller::names_of(const std::vector<Change>& changes) const {
  std::string names;
  for (const Change& change : changes) {
    if (!names.empty()) names += ", ";
    names += exchange_.participant(change.participant).name;
  }
  return names;
}

void Controller::take_back(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const std::size_t index = change.participant.index();
    // A newer one has its own round.
    if (policies_[index].policy != change.accepted.policy) continue;
    policies_[index] = good_[index];
    load_policy(change.participant);
  }
}

// Gives the compiler the policy that is wanted. It was accepted before, but routes have changed
// since, and a policy can outgrow its bounds by them.
void Controller::load_policy(net::ParticipantId participant) {
  Accepted& wanted = policies_[participant.index()];
  if (!compiler_.set_policy(participant, wanted.policy, wanted.file)) {
    notice(Severity::kError, fmt::format("policy of {} no longer fits and is removed",
                                         exchange_.participant(participant).name));
    wanted = {};
    const auto removed = compiler_.set_policy(participant, nullptr, "");
    FABRIX_ASSERT(removed.has_value());  // Removing a policy cannot be ambiguous.
  }
  unforeseen_.insert(participant);
  route_server_.set_virtual(participant, wanted.policy != nullptr);
  world_.policies[participant.index()] = wanted.policy;
  carried_.clients.push_back(participant);
}

void Controller::suspend() {
  suspended_ = true;
  retry_ = false;
  suspended_at_ = round_began_;
  for (const exchange::Participant& each : exchange_.participants) {
    const auto removed = compiler_.set_policy(each.id, nullptr, "");
    FABRIX_ASSERT(removed.has_value());  // Removing a policy cannot be ambiguous.
    route_server_.set_virtual(each.id, false);
    world_.policies[each.id.index()] = nullptr;
    carried_.clients.push_back(each.id);
  }
}

void Controller::suspend_checks(const std::string& why) {
  notice(Severity::kError, "where packets come from is not checked, " + why);
  checks_suspended_at_ = round_began_;
  compiler_.set_source_checks(compiler::SourceChecks::kSuspended);
}

void Controller::hold_checks() {
  checks_held_ = true;
  compiler_.set_source_checks(compiler::SourceChecks::kSuspended);
  changed();
}

void Controller::release_checks() {
  checks_held_ = false;
  if (!checks_suspended_at_) compiler_.set_source_checks(compiler::SourceChecks::kApply);
  changed();
}

void Controller::resume() {
  suspended_ = false;
  for (const exchange::Participant& each : exchange_.participants) load_policy(each.id);
}

const std::string* Controller::policy_text(net::ParticipantId participant) const {
  const Accepted& accepted = policies_[participant.index()];
  return accepted.policy == nullptr ? nullptr : &accepted.text;
}

}  // namespace fabrix::controller
