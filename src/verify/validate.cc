#include "verify/validate.h"

#include "base/assert.h"
#include "verify/findings.h"

namespace fabrix::verify {

std::vector<Violation> validate(const World& world, const program::Program& program,
                                const NextHopOf& next_hop, const Limits& limits) {
  FABRIX_ASSERT(world.exchange != nullptr && world.reachability != nullptr);
  FABRIX_ASSERT(world.policies.size() == world.exchange->participants.size());
  FABRIX_ASSERT(world.port_up.size() == world.exchange->routers.size());
  const RowIndex index(program);
  Findings findings;
  const Task task{world, program, next_hop, index, findings};
  check_structure(task, limits);
  // Rows that lead back would let a packet go round: nothing else can be asked of such a Program.
  if (findings.full() || leads_back(program)) return findings.take();
  check_neighbors(task);
  check_admission(task);
  check_resolution(task);
  for (const auto& participant : world.exchange->participants) {
    if (findings.full()) break;
    check_outbound(task, participant.id);
    check_inbound(task, participant.id);
  }
  check_transit(task);
  return findings.take();
}

}  // namespace fabrix::verify
