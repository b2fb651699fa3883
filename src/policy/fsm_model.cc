#include "policy/fsm_model.h"

#include <algorithm>
#include <utility>

namespace fabrix::policy {
namespace {

StateSet complement(StateSet set) {
  set.flip();
  return set;
}

StateSet both(StateSet a, const StateSet& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = a[i] && b[i];
  return a;
}

StateSet either(StateSet a, const StateSet& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = a[i] || b[i];
  return a;
}

void add(std::vector<Move>& moves, const Move& move) {
  const bool known = std::any_of(moves.begin(), moves.end(),
                                 [&move](const Move& each) { return each.to == move.to; });
  if (!known) moves.push_back(move);
}

std::vector<Move> moves_from(const Machine& machine, StateId state) {
  std::vector<Move> moves;
  for (std::uint32_t i = 0; i < machine.inputs.size(); ++i) {
    const auto& next = machine.inputs[i].next;
    for (std::uint32_t value = 0; value < next.size(); ++value) {
      add(moves, {next[value][state], Move::Cause::kEvent, i, value});
    }
  }
  for (std::uint32_t i = 0; i < machine.timeouts.size() && state != machine.initial; ++i) {
    const StateId to = machine.timeouts[i].next[state];
    if (to != state) add(moves, {to, Move::Cause::kTimeout, i, 0});
  }
  if (moves.empty()) moves.push_back({state, Move::Cause::kNothing, 0, 0});
  return moves;
}

}  // namespace

Model::Model(const Machine& machine) : moves_(machine.states), before_(machine.states) {
  for (StateId state = 0; state < machine.states; ++state) {
    moves_[state] = moves_from(machine, state);
    for (const Move& move : moves_[state]) before_[move.to].push_back(state);
    transitions_ += moves_[state].size();
  }
}

StateSet Model::some_next(const StateSet& in) const {
  StateSet result(states(), false);
  for (StateId state = 0; state < states(); ++state) {
    result[state] = std::any_of(moves_[state].begin(), moves_[state].end(),
                                [&in](const Move& move) { return in[move.to]; });
  }
  return result;
}

// Backwards from `until`.
StateSet Model::some_until(const StateSet& along, const StateSet& until) const {
  StateSet result = until;
  std::vector<StateId> open;
  for (StateId state = 0; state < states(); ++state) {
    if (until[state]) open.push_back(state);
  }
  while (!open.empty()) {
    const StateId state = open.back();
    open.pop_back();
    for (const StateId earlier : before_[state]) {
      if (result[earlier] || !along[earlier]) continue;
      result[earlier] = true;
      open.push_back(earlier);
    }
  }
  return result;
}

// Takes away, again and again, the states from which no step stays inside.
StateSet Model::some_globally(const StateSet& in) const {
  StateSet result = in;
  std::vector<std::size_t> ways(states(), 0);
  std::vector<StateId> gone;
  for (StateId state = 0; state < states(); ++state) {
    ways[state] =
        static_cast<std::size_t>(std::count_if(moves_[state].begin(), moves_[state].end(),
                                               [&in](const Move& move) { return in[move.to]; }));
    if (!in[state] || ways[state] > 0) continue;
    result[state] = false;
    gone.push_back(state);
  }
  while (!gone.empty()) {
    const StateId state = gone.back();
    gone.pop_back();
    for (const StateId earlier : before_[state]) {
      if (!result[earlier] || --ways[earlier] > 0) continue;
      result[earlier] = false;
      gone.push_back(earlier);
    }
  }
  return result;
}

// The operands of & or |, of which the first is known.
// NOLINTBEGIN(misc-no-recursion): as deep as the formula, which the parser bounds.
StateSet Model::folded(const Property& property, StateSet result) const {
  for (std::size_t i = 1; i < property.children.size(); ++i) {
    const StateSet next = holds(*property.children[i]);
    result = property.kind == FormulaKind::kAnd ? both(std::move(result), next)
                                                : either(std::move(result), next);
  }
  return result;
}

StateSet Model::holds(const Property& property) const {
  if (property.kind == FormulaKind::kTruth) return property.states;
  StateSet first = holds(*property.children[0]);
  const StateSet everywhere(states(), true);
  switch (property.kind) {
    case FormulaKind::kNot:
      return complement(first);
    case FormulaKind::kAnd:
    case FormulaKind::kOr:
      return folded(property, first);
    case FormulaKind::kImplies:
      return either(complement(first), holds(*property.children[1]));
    case FormulaKind::kAllNext:
      return complement(some_next(complement(first)));
    case FormulaKind::kAllFinally:
      return complement(some_globally(complement(first)));
    case FormulaKind::kAllGlobally:
      return complement(some_until(everywhere, complement(first)));
    case FormulaKind::kSomeNext:
      return some_next(first);
    case FormulaKind::kSomeFinally:
      return some_until(everywhere, first);
    case FormulaKind::kSomeGlobally:
      return some_globally(first);
    case FormulaKind::kSomeUntil:
      return some_until(first, holds(*property.children[1]));
    case FormulaKind::kAllUntil: {
      // Not: q never comes, or before it p has ceased.
      const StateSet no_second = complement(holds(*property.children[1]));
      const StateSet neither = both(complement(first), no_second);
      return complement(either(some_until(no_second, neither), some_globally(no_second)));
    }
    default:
      return first;
  }
}

std::size_t size_of(const Property& property) {
  std::size_t size = 1;
  for (const PropertyPtr& child : property.children) size += size_of(*child);
  return size;
}
// NOLINTEND(misc-no-recursion)

}  // namespace fabrix::policy
