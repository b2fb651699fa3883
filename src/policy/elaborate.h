// elaborate(): the sections of a parsed file to terms: names looked up, macros expanded, types and
// targets checked.
//
// final_policy yields both directions: in each, what forwards the other way is left out. Several
// errors are reported in one run. Pure but for the report.
#pragma once

#include <optional>
#include <vector>

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

Checked elaborate(const File& file, const SymbolTable& symbols, Report& report);

}  // namespace fabrix::policy
