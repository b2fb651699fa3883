#include "compiler/judging.h"

#include <functional>
#include <utility>

#include "compiler/predicate_diagram.h"

namespace fabrix::compiler {
namespace {

bool is_large(const policy::Policy& policy) {
  return policy.outbound.clauses.size() + policy.inbound.clauses.size() >= Judging::kMany;
}

Findings judge_aside(net::ParticipantId owner, const policy::Policy& policy, std::string_view file,
                     const exchange::Exchange& exchange,
                     const exchange::Reachability& reachability) {
  diagram::Store store(policy_field_widths());
  Budget budget(kPolicySteps);
  const diagram::Limited limited(store, budget);
  return judge(owner, policy, file, {exchange, reachability, store});
}

}  // namespace

Judging::Judging(net::ParticipantId owner, const policy::Policy* policy, std::string_view file,
                 const Surroundings& surroundings) {
  if (policy == nullptr) return;
  if (is_large(*policy)) {
    aside_ = std::async(std::launch::async, judge_aside, owner, std::cref(*policy), file,
                        std::cref(surroundings.exchange), std::cref(surroundings.reachability));
  } else {
    findings_ = judge(owner, *policy, file, surroundings);
  }
}

Result<Judging::Diagnostics, Judging::Diagnostics> Judging::take() {
  return outcome_of(aside_.valid() ? aside_.get() : std::move(findings_));
}

Result<std::vector<Diagnostic>, std::vector<Diagnostic>> outcome_of(Findings findings) {
  if (!findings.errors.empty()) return fail(std::move(findings.errors));
  return std::move(findings.warnings);
}

}  // namespace fabrix::compiler
