#include "policy/assemble.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "policy/extras.h"
#include "policy/lower.h"
#include "policy/lower_queries.h"

namespace fabrix::policy {
namespace {

// A list that decides nothing is no list: final_policy gives most texts only one direction.
bool decides(const ClauseList& list) {
  return std::any_of(list.clauses.begin(), list.clauses.end(), [](const Clause& each) {
    return !std::holds_alternative<UseDefault>(each.verdict) || !each.writes.empty() ||
           !each.extras.empty();
  });
}

// As final_policy: what one half leaves out applies in the other. A claim that decides nothing is
// about what is sent.
Invariant lower_invariant(const CheckedInvariant& checked, Report& report) {
  const InvariantSyntax& syntax = *checked.syntax;
  const bool isolated = syntax.kind == InvariantKind::kIsolated;
  Invariant invariant;
  invariant.name = syntax.name;
  invariant.kind = isolated ? InvariantKind::kNever : syntax.kind;
  invariant.at = syntax.at;
  invariant.predicates = checked.predicates;
  if (checked.outbound == nullptr) return invariant;
  Report unheard = report.aside();
  invariant.outbound = lower(*checked.outbound, Keep::kEverything, unheard);
  invariant.inbound = lower(*checked.inbound, Keep::kForwardsOnly, unheard);
  for (const Diagnostic& each : unheard.take()) {
    if (each.severity == Severity::kError) report.add(each);
  }
  const bool received = decides(invariant.inbound);
  if (received && !decides(invariant.outbound)) invariant.outbound = {};
  if (!received) invariant.inbound = {};
  return invariant;
}

ClauseList lower_clauses(const Checked& checked, Direction direction, Report& report) {
  const TermPtr& term = checked.of(direction);
  const bool received = checked.from_final && direction == Direction::kInbound;
  // What one half of final_policy leaves out applies in the other.
  Report unheard = report.aside();
  ClauseList list =
      lower(*term, received ? Keep::kForwardsOnly : Keep::kEverything, received ? unheard : report);
  return checked.from_final && !decides(list) ? ClauseList{} : std::move(list);
}

}  // namespace

ClauseList lower_direction(const Checked& checked, Direction direction, const SymbolTable& symbols,
                           Report& report) {
  const TermPtr& term = checked.of(direction);
  if (term == nullptr) return {};
  ClauseList list = lower_clauses(checked, direction, report);
  if (!report.failed()) list.queries = lower_queries(*term, direction, symbols, report);
  return list;
}

Assembly assemble(const File& file, const SymbolTable& symbols, const FsmContext& fsms,
                  Report& report) {
  Assembly result;
  result.checked = elaborate(file, symbols, report, fsms);
  // Also after an error: there may be something to say about the other section.
  result.policy.outbound = lower_direction(result.checked, Direction::kOutbound, symbols, report);
  result.policy.inbound = lower_direction(result.checked, Direction::kInbound, symbols, report);
  for (const CheckedInvariant& each : result.checked.invariants) {
    result.policy.invariants.push_back(lower_invariant(each, report));
  }
  return result;
}

}  // namespace fabrix::policy
