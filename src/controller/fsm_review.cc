#include "controller/fsm_review.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "compiler/invariants.h"
#include "compiler/judge.h"
#include "policy/report.h"

namespace fabrix::controller {
namespace {

// The same text is as odd in one state as in another; what shows it may differ.
bool same_place(const Diagnostic& a, const Diagnostic& b) {
  return a.code == b.code && a.at == b.at;
}

bool is_among(const Diagnostic& one, const std::vector<Diagnostic>& all) {
  return std::ranges::any_of(all, [&one](const Diagnostic& each) { return same_place(each, one); });
}

// What `wrong` does not have yet, and in which state it is so.
void add_new(const std::vector<Diagnostic>& found, const std::string& state,
             std::vector<Diagnostic>& wrong) {
  for (Diagnostic each : found) {
    if (is_among(each, wrong)) continue;
    each.witness += each.witness.empty() ? state : ", " + state;
    wrong.push_back(std::move(each));
  }
}

}  // namespace

Result<std::vector<Diagnostic>, std::vector<Diagnostic>> review(compiler::Compiler& compiler,
                                                                net::ParticipantId participant,
                                                                const policy::FsmPolicy& policy,
                                                                std::string_view file) {
  std::vector<Diagnostic> odd;
  std::vector<Diagnostic> wrong;
  Budget budget(compiler::kPolicySteps);
  for (std::size_t i = 0; i < policy.combinations().size(); ++i) {
    const policy::Combination& combination = policy.combinations()[i];
    policy::Report unheard("");  // parse() has told
    const policy::Policy read = policy.read(combination, unheard).policy;
    auto found = compiler.review(participant, read, file, budget);
    auto broken = compiler::check_invariants(read, policy.symbols(), file, budget);
    if (found && !broken.empty()) found = fail(std::move(broken));
    if (!found) {
      add_new(found.error(), "where " + policy.describe(combination), wrong);
      if (budget.is_spent()) break;
      continue;
    }
    if (i == 0) odd = *found;
    std::erase_if(odd, [&found](const Diagnostic& each) { return !is_among(each, *found); });
  }
  if (!wrong.empty()) return fail(std::move(wrong));
  return odd;
}

}  // namespace fabrix::controller
