#include "compiler/judge.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "compiler/ambiguity.h"
#include "compiler/effort.h"
#include "compiler/shadowing.h"

namespace fabrix::compiler {
namespace {

// Nothing beside kPolicySteps: whether they are taken makes no difference.
constexpr std::uint64_t kFewSteps = kPolicySteps / 20;

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Findings judge(net::ParticipantId owner, const policy::Policy& policy, std::string_view file,
               const Surroundings& surroundings) {
  Findings findings;
  for (const auto direction : {policy::Direction::kOutbound, policy::Direction::kInbound}) {
    const policy::ClauseList& list = policy.of(direction);
    if (list.clauses.empty()) continue;
    const Subject subject{owner, direction, file};
    ClauseAnalysis analysis(list, subject, surroundings);
    if (!policy.overlap_first) append(findings.errors, find_ambiguities(analysis));
    append(findings.warnings, find_shadowed(analysis));
    const bool is_easy = takes_at_most(kFewSteps, analysis);
    if (findings.errors.empty() && !is_easy) try_out(analysis);
    if (surroundings.store.is_spent()) {
      const std::uint64_t steps = surroundings.store.budget()->taken();
      findings = {.warnings = {}, .errors = {too_much_work(file, list, analysis.reached(), steps)}};
      break;
    }
  }
  surroundings.store.collect({});
  return findings;
}

Diagnostic too_much_work(std::string_view file, const policy::ClauseList& list, std::size_t judged,
                         std::uint64_t steps) {
  Diagnostic problem;
  problem.code = "P0412";
  problem.message = "the clauses of this policy overlap in more ways than can be checked";
  problem.file = file;
  if (!list.clauses.empty()) {
    problem.at = list.clauses[judged < list.clauses.size() ? judged : 0].at;
  }
  problem.witness = fmt::format("{} of {} clauses had been looked at when {} steps were taken",
                                judged, list.clauses.size(), steps);
  problem.help =
      "let clauses that overlap test fewer fields by ranges, or make them exclude each other by "
      "one "
      "field";
  return problem;
}

}  // namespace fabrix::compiler
