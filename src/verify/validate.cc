#include "verify/validate.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "verify/findings.h"

namespace fabrix::verify {
namespace {

using program::TableId;

using PolicyPtr = std::shared_ptr<const policy::Policy>;

bool has_outbound(const PolicyPtr& policy) {
  return policy != nullptr && !policy->outbound.clauses.empty();
}

// The first table depends on who has an outbound policy at all.
bool is_admission_known(const Task& task) {
  return task.is_known(TableId::kAdmit) &&
         std::ranges::equal(task.world.policies, task.terms.precedent->policies, {}, has_outbound,
                            has_outbound);
}

bool is_transit_known(const Task& task) {
  return task.is_known(TableId::kTransit) && task.world.port_up == task.terms.precedent->port_up;
}

// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
bool depends_on_routes(const policy::Predicate& predicate) {
  const auto any = [](const std::vector<policy::PredicatePtr>& operands) {
    return std::ranges::any_of(operands,
                               [](const auto& operand) { return depends_on_routes(*operand); });
  };
  if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
    return depends_on_routes(*negated->operand);
  }
  if (const auto* all = std::get_if<policy::And>(&predicate.node)) return any(all->operands);
  if (const auto* some = std::get_if<policy::Or>(&predicate.node)) return any(some->operands);
  return std::holds_alternative<policy::InPrefixesOf>(predicate.node);
}
// NOLINTEND(misc-no-recursion)

bool is_inbound_known(const Task& task, net::ParticipantId receiver) {
  const PolicyPtr& policy = task.world.policies[receiver.index()];
  if (policy != task.terms.precedent->policies[receiver.index()]) return false;
  return policy == nullptr || std::ranges::none_of(policy->inbound.clauses, [](const auto& clause) {
           return depends_on_routes(*clause.when);
         });
}

void check_policies(const Task& task) {
  const bool same_inbound = task.is_known(TableId::kInbound);
  for (const auto& participant : task.world.exchange->participants) {
    if (task.findings.full()) return;
    check_outbound(task, participant.id);
    if (same_inbound && is_inbound_known(task, participant.id)) continue;
    check_inbound(task, participant.id);
  }
}

}  // namespace

std::vector<Violation> validate(const World& world, const program::Program& program,
                                const NextHopOf& next_hop, const Terms& terms) {
  FABRIX_ASSERT(world.exchange != nullptr && world.reachability != nullptr);
  FABRIX_ASSERT(world.policies.size() == world.exchange->participants.size());
  FABRIX_ASSERT(world.port_up.size() == world.exchange->routers.size());
  const RowIndex index(program);
  Findings findings;
  const World meant = without_room(world, terms.shortfalls);
  const Task task{meant, program, next_hop, terms, index, findings};
  check_structure(task);
  // Rows that lead back would let a packet go round: nothing else can be asked of such a Program.
  if (findings.full() || leads_back(program)) return findings.take();
  check_neighbors(task);
  if (!is_admission_known(task)) check_admission(task);
  if (!task.is_known(TableId::kResolve)) check_resolution(task);
  check_policies(task);
  if (!is_transit_known(task)) check_transit(task);
  return findings.take();
}

Precedent precedent_of(const World& world, program::ProgramPtr program, const Terms& terms) {
  return {.program = std::move(program),
          .policies = without_room(world, terms.shortfalls).policies,
          .port_up = world.port_up};
}

}  // namespace fabrix::verify
