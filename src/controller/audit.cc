#include "controller/audit.h"

#include <algorithm>

namespace fabrix::controller {

verify::NextHopOf next_hops_of(const Controller& controller) {
  return [&controller](net::ParticipantId client, const net::Prefix& prefix) {
    return controller.next_hop(client, prefix)
        .value_or(net::IpAddress::unspecified(prefix.family()));
  };
}

Audit audit(const Controller& controller) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  verify::Verifier verifier;
  const verify::NextHopOf next_hop = next_hops_of(controller);
  Audit found;
  found.violations =
      verifier.check({controller.world(), controller.installed(), next_hop, controller.terms()});
  found.coverage = verifier.coverage();
  found.senders = static_cast<std::size_t>(std::ranges::count_if(
      controller.world().policies,
      [](const auto& policy) { return policy != nullptr && !policy->outbound.clauses.empty(); }));
  found.took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
  found.settled = !controller.needs_settling();
  return found;
}

std::vector<verify::Violation> faults_of(const Controller& controller,
                                         const program::ProgramPtr& actual) {
  verify::Verifier verifier;
  const verify::NextHopOf next_hop = next_hops_of(controller);
  return verifier.check({controller.world(), actual, next_hop, controller.terms()});
}

}  // namespace fabrix::controller
