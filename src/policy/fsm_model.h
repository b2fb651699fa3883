// Model: the runs of a machine, and which properties of computation tree logic (CTL) hold in which
// of its states, found by going through all of them (Clarke, Emerson, Sistla 1986).
//
// A step of a run is any event that the machine listens to, with any value it may have, or a
// timeout in a state other than the initial one. Every run goes on for ever: where nothing can
// happen, nothing does, for ever. Cost of holds(): linear in the transitions, for each operator.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "policy/fsm_machine.h"
#include "policy/fsm_syntax.h"

namespace fabrix::policy {

struct Property;
using PropertyPtr = std::shared_ptr<const Property>;

// Immutable.
struct Property {
  FormulaKind kind = FormulaKind::kTruth;
  StateSet states;   // kTruth: where it holds
  std::string text;  // as written
  std::vector<PropertyPtr> children;
};

// One way from a state to another; of several the first in the order of events, values, timeouts.
struct Move {
  enum class Cause : std::uint8_t { kEvent, kTimeout, kNothing };
  StateId to = 0;
  Cause cause = Cause::kNothing;
  std::uint32_t which = 0;  // input or timeout of the machine
  std::uint32_t value = 0;  // of the event
};

class Model {
 public:
  explicit Model(const Machine& machine);

  const std::vector<Move>& moves(StateId state) const { return moves_[state]; }
  std::size_t states() const { return moves_.size(); }
  std::size_t transitions() const { return transitions_; }

  // The states in which the property holds.
  StateSet holds(const Property& property) const;

 private:
  StateSet folded(const Property& property, StateSet result) const;
  StateSet some_next(const StateSet& in) const;
  StateSet some_until(const StateSet& along, const StateSet& until) const;
  StateSet some_globally(const StateSet& in) const;

  std::vector<std::vector<Move>> moves_;
  std::vector<std::vector<StateId>> before_;
  std::size_t transitions_ = 0;
};

// How many states and operators a property has to be looked at in: its cost.
std::size_t size_of(const Property& property);

}  // namespace fabrix::policy
