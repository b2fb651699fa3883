#include "verify/route_bound.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "policy/predicate.h"
#include "verify/world.h"

namespace fabrix::verify {
namespace {

// NOLINTBEGIN(misc-no-recursion): bounded by policy::kMaxDepth.
bool depends(const policy::Predicate& predicate) {
  const auto any = [](const std::vector<policy::PredicatePtr>& operands) {
    return std::ranges::any_of(operands, [](const auto& operand) { return depends(*operand); });
  };
  if (const auto* negated = std::get_if<policy::Not>(&predicate.node)) {
    return depends(*negated->operand);
  }
  if (const auto* all = std::get_if<policy::And>(&predicate.node)) return any(all->operands);
  if (const auto* some = std::get_if<policy::Or>(&predicate.node)) return any(some->operands);
  return std::holds_alternative<policy::InPrefixesOf>(predicate.node) ||
         std::holds_alternative<policy::OnRoute>(predicate.node);
}
// NOLINTEND(misc-no-recursion)

}  // namespace

bool depends_on_routes(const policy::ClauseList& list) {
  const bool of_clauses = std::ranges::any_of(list.clauses, [](const policy::Clause& clause) {
    return depends(*clause.when) || changes_destination(clause);
  });
  return of_clauses || std::ranges::any_of(list.queries, [](const policy::Query& query) {
           return depends(*query.when);
         });
}

}  // namespace fabrix::verify
