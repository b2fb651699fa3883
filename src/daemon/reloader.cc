#include "daemon/reloader.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "daemon/config_file.h"
#include "daemon/policy_files.h"
#include "fabric/openflow_fabric.h"
#include "io/log.h"

namespace fabrix::daemon {
namespace {

using api::ReloadMode;
using api::ReloadOutcome;
using api::ReloadReport;
using controller::Controller;

void add(ReloadReport& report, const std::vector<FileProblem>& problems) {
  for (const FileProblem& problem : problems) {
    report.problems.push_back(problem.diagnostic);
    report.problem_text += problem.text + "\n";
  }
}

ReloadReport refused(const std::vector<FileProblem>& problems) {
  ReloadReport report;
  add(report, problems);
  return report;
}

// A policy that the new configuration leaves no sense to, and that its file has not replaced.
std::vector<FileProblem> problems_of(const Controller& controller,
                                     const std::vector<Controller::LostPolicy>& lost) {
  std::vector<FileProblem> problems;
  for (const Controller::LostPolicy& policy : lost) {
    if (controller.policy_text(policy.participant) != nullptr) continue;
    for (const Diagnostic& why : policy.why) problems.push_back(problem_in(why, policy.text));
    const std::string& name = controller.exchange().participant(policy.participant).name;
    problems.push_back(problem_with(
        "", fmt::format("policy of {0} makes no sense any more: {0} has none now", name)));
  }
  return problems;
}

// Policies whose file the configuration does not name any more.
void remove_policies(Controller& controller, const exchange::Exchange& before) {
  for (const exchange::Participant& was : before.participants) {
    if (!was.present || !was.policy_file) continue;
    const exchange::Participant& is = controller.exchange().participant(was.id);
    if (is.policy_file || controller.policy_text(is.id) == nullptr) continue;
    controller.remove_policy(is.id);
  }
}

}  // namespace

Result<exchange::Exchange, std::vector<FileProblem>> Reloader::read_candidate() const {
  auto candidate = read_config(file_);
  if (!candidate || parts_.fabric == nullptr) return candidate;
  const auto applied = parts_.fabric->choice().apply_to(*candidate);
  if (applied) return candidate;
  std::vector<FileProblem> problems;
  for (const Error& error : applied.error()) {
    problems.push_back(problem_with(file_.string(), error.message));
  }
  return fail(std::move(problems));
}

ReloadReport Reloader::reload(ReloadMode mode) {
  auto candidate = read_candidate();
  if (!candidate) return refused(candidate.error());
  auto plan = exchange::plan(parts_.controller->exchange(), *std::move(candidate));
  if (!plan) {
    std::vector<FileProblem> problems;
    for (const Error& error : plan.error()) {
      problems.push_back(problem_with(file_.string(), error.message));
    }
    return refused(problems);
  }
  if (parts_.fabric != nullptr) {
    const auto more = exchange::differences(parts_.fabric->ties(), read_ties());
    plan->changes.insert(plan->changes.end(), more.begin(), more.end());
  }
  return mode == ReloadMode::kCheck ? check(*std::move(plan)) : apply(*std::move(plan));
}

exchange::FabricTies Reloader::read_ties() const {
  auto ties = read_fabric_ties(file_);
  parts_.fabric->choice().apply_to(ties);
  return ties;
}

// Everything is tried on a controller that controls nothing.
ReloadReport Reloader::check(exchange::Reload reload) const {
  fabric::OpenFlowFabric no_switch({});
  Controller scratch(reload.exchange, no_switch);
  ReloadReport report;
  report.outcome = ReloadOutcome::kChecked;
  add(report, read_policies(scratch, directory()).problems);
  add(report, check_import_files(reload.exchange, directory()));
  report.changes = std::move(reload.changes);
  report.sessions = std::move(reload.sessions);
  return report;
}

ReloadReport Reloader::apply(exchange::Reload reload) {
  Controller& controller = *parts_.controller;
  const exchange::Exchange before = controller.exchange();
  parts_.bgp->end_sessions(reload.sessions);
  if (parts_.fabric != nullptr) parts_.fabric->reconfigure(reload.exchange, read_ties());
  const auto lost = controller.reconfigure(std::move(reload.exchange));
  ReloadReport report;
  report.outcome = ReloadOutcome::kApplied;
  if (const auto bgp = parts_.bgp->reconfigured(); !bgp) {
    add(report, {problem_with(file_.string(), "TCP-MD5: " + bgp.error().message)});
  }
  remove_policies(controller, before);
  add(report, read_policies(controller, directory()).problems);
  add(report, problems_of(controller, lost));
  parts_.import_data->refresh();
  add(report, parts_.import_data->problems());
  report.changes = std::move(reload.changes);
  report.sessions = std::move(reload.sessions);
  return report;
}

}  // namespace fabrix::daemon
