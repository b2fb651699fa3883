#include "controller/audit.h"

#include <algorithm>

namespace fabrix::controller {

Audit audit(const Controller& controller) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  verify::Verifier verifier;
  Audit found;
  found.violations = verifier.check(
      {controller.world(), controller.installed(), controller.next_hops(), controller.terms()});
  found.coverage = verifier.coverage();
  found.senders = static_cast<std::size_t>(std::ranges::count_if(
      controller.world().policies,
      [](const auto& policy) { return policy != nullptr && !policy->outbound.clauses.empty(); }));
  found.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  found.settled = controller.is_settled();
  return found;
}

std::vector<verify::Violation> faults_of(const Controller& controller,
                                         const program::ProgramPtr& actual) {
  verify::Verifier verifier;
  return verifier.check({controller.world(), actual, controller.next_hops(), controller.terms()});
}

}  // namespace fabrix::controller
