// elaborate(): the sections of a parsed file to terms: names looked up, macros expanded, types and
// targets checked.
//
// final_policy yields both directions: in each, what forwards the other way is left out. Several
// errors are reported in one run. Pure but for the report.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "policy/fsm_machine.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "policy/syntax.h"
#include "policy/term.h"

namespace fabrix::policy {

struct CheckedInvariant {
  const InvariantSyntax* syntax = nullptr;
  std::vector<PredicatePtr> predicates;  // comparisons: the two
  TermPtr outbound;                      // never, always, isolated: of what is sent,
  TermPtr inbound;                       // and of what is received

  bool is_whole() const {
    return predicates.size() == 2 || (outbound != nullptr && inbound != nullptr);
  }
};

struct Checked {
  TermPtr outbound;  // null: no such section, or an error was reported
  TermPtr inbound;
  bool from_final = false;                   // both are halves of final_policy
  std::vector<CheckedInvariant> invariants;  // those without errors

  const TermPtr& of(Direction direction) const {
    return direction == Direction::kOutbound ? outbound : inbound;
  }
};

// How the states of the file's fsms read as conditions on packets.
struct FsmContext {
  const std::vector<Machine>* machines = nullptr;  // null: there are none
  // The packets whose instance of that machine is in one of `states`; `scope` are the packets that
  // a machine `per PREDICATE` is about.
  std::function<PredicatePtr(std::size_t machine, const StateSet& states,
                             const PredicatePtr& scope)>
      in_states = {};
};

Checked elaborate(const File& file, const SymbolTable& symbols, Report& report,
                  const FsmContext& fsms = {});

}  // namespace fabrix::policy
