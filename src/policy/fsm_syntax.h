// Syntax of finite-state policies: what `event` and `fsm` statements say before any name is looked
// up. docs/policy.md, "Finite-state policies", has the grammar.
//
// Like policy/syntax.h: text is viewed, never copied, so it must outlive the tree; what could not
// be read was reported and is left out. Immutable once parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace fabrix::policy {

struct Syntax;
using SyntaxPtr = std::shared_ptr<const Syntax>;

// A word of a statement and where it stands.
struct WordSyntax {
  std::string_view text;
  SourceSpan at;
};

// The values that an event or a variable may have.
struct DomainSyntax {
  enum class Kind : std::uint8_t { kBool, kNames, kRange };
  Kind kind = Kind::kBool;
  std::vector<WordSyntax> names;  // kNames: {a, b, c}; kRange: the two numbers of 0..9
  SourceSpan at;
};

enum class FormulaKind : std::uint8_t {
  kTruth,    // name: a variable, the event's `value`, true or false
  kCompare,  // name op value
  kNot,
  kAnd,  // of two or more
  kOr,   // of two or more
  kImplies,
  // Computation tree logic: on all runs, or on some, from a state: in the next state, at some time,
  // always; [a U b]: a until b.
  kAllNext,
  kAllFinally,
  kAllGlobally,
  kAllUntil,
  kSomeNext,
  kSomeFinally,
  kSomeGlobally,
  kSomeUntil,
};

struct FormulaSyntax;
using FormulaPtr = std::shared_ptr<const FormulaSyntax>;

// A condition on the state, or a property of the runs from it.
struct FormulaSyntax {
  FormulaKind kind = FormulaKind::kTruth;
  SourceSpan at;
  WordSyntax name;
  std::string_view op;  // "==" (also written "="), "!=", "<", "<=", ">", ">="
  WordSyntax value;
  std::vector<FormulaPtr> children;
};

// name = operand [(+|-) step]
struct AssignmentSyntax {
  WordSyntax name;
  WordSyntax operand;
  std::string_view op;  // empty, "+" or "-"
  WordSyntax step;
};

// event NAME : TYPE [from SOURCE]
struct EventSyntax {
  WordSyntax name;
  DomainSyntax domain;
  std::optional<WordSyntax> source;
};

// var NAME : TYPE [= VALUE]
struct VariableSyntax {
  WordSyntax name;
  DomainSyntax domain;
  std::optional<WordSyntax> initial;
};

// on EVENT [when CONDITION] { ASSIGNMENTS }
struct ReactionSyntax {
  WordSyntax event;
  FormulaPtr when;  // null: always
  std::vector<AssignmentSyntax> assignments;
  SourceSpan at;
};

// timeout DURATION [when CONDITION] -> { ASSIGNMENTS }
struct TimeoutSyntax {
  WordSyntax duration;
  FormulaPtr when;  // null: always
  std::vector<AssignmentSyntax> assignments;
  SourceSpan at;
};

// CONDITION -> EXPR, or else -> EXPR; `policy = EXPR` is one without condition.
struct CaseSyntax {
  FormulaPtr when;  // null: else
  SyntaxPtr body;
  SourceSpan at;
};

// fsm NAME [per FIELDS | per PREDICATE] { ... }
struct MachineSyntax {
  WordSyntax name;
  std::vector<WordSyntax> key;  // per srcip, per (srcmac, srcip)
  SyntaxPtr scope;              // per PREDICATE; null otherwise
  std::vector<VariableSyntax> variables;
  std::vector<ReactionSyntax> reactions;
  std::vector<CaseSyntax> cases;
  bool is_case = false;  // written `case { }`
  std::vector<FormulaPtr> checks;
  std::vector<TimeoutSyntax> timeouts;
  std::size_t definitions_before = 0;  // its expressions see those
};

}  // namespace fabrix::policy
