// Syntax: what a policy text says before any name is looked up.
//
// One node type for expressions and for the values inside match(); the kind says what the children
// are. Text is viewed, never copied, so a tree must not outlive the policy text. Immutable once
// parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "policy/fsm_syntax.h"
#include "policy/invariant_syntax.h"
#include "policy/lexer.h"

namespace fabrix::policy {

enum class SyntaxKind : std::uint8_t {
  kError,          // reported; stands where an operand could not be read
  kRanked,         // a // b // ...
  kParallel,       // a + b + ...
  kSequence,       // a >> b >> ...
  kOr,             // a | b
  kAnd,            // a & b; in a value: value & mask
  kMinus,          // a - b; in a value: a range
  kNot,            // ~a
  kName,           // text, dots included: "participant.peers"
  kLiteral,        // token says which
  kIndex,          // child[0] [ child[1] ]
  kMember,         // child[0] . text
  kCall,           // text ( children ); of balance, with a test: key=...
  kFields,         // text ( tests ): match, modify, rib, src_rib
  kList,           // [a, b] or {a, b} or, in a value, a/b
  kComprehension,  // [child[0] for text in child[1]]
  kMachine,        // the fsm `text`: only the body of the definition that names it
  kInState,        // in_state(text, formula)
  kChain,          // child[0]: ports or chains, as a >> b or in a list; only a `chain` statement's
  kQuery,          // text ( duration, fields ) as label: the children are a literal and names
};

// One `field op value` of match(), modify(), rib() or src_rib().
struct FieldSyntax {
  std::string_view field;
  SourceSpan field_at;
  // "=", "!=", "<", "<=", ">", ">=", and of a route "=~": `==` and `in` read as "=".
  std::string_view op;
  SyntaxPtr value;
  SourceSpan at;
};

struct Syntax {
  SyntaxKind kind = SyntaxKind::kError;
  SourceSpan at;
  std::string text;
  TokenKind token = TokenKind::kEnd;  // kLiteral
  std::vector<SyntaxPtr> children;
  std::vector<FieldSyntax> tests;  // kFields
  FormulaPtr formula;              // kInState
  std::string label;               // kQuery: the name that was given
  bool grouped = false;            // written in parentheses
};

// What it stands for could not be read, which was reported: there is no more to say of it.
inline bool was_reported(const Syntax& syntax) {
  return syntax.kind == SyntaxKind::kError || syntax.token == TokenKind::kMalformed;
}

struct Definition {
  std::string name;
  std::vector<std::string> parameters;
  SyntaxPtr body;
  SourceSpan at;  // of the name
};

enum class SectionKind : std::uint8_t { kOutbound, kInbound, kFinal };

struct Section {
  SectionKind kind = SectionKind::kOutbound;
  SyntaxPtr body;
  SourceSpan at;                       // of the word
  std::optional<SourceSpan> mixes;     // where `+` and `>>` meet without parentheses
  std::size_t definitions_before = 0;  // it sees those
};

// policy NAME { ... } around a file.
struct Block {
  std::string name;
  SourceSpan at;  // of the name
};

// Every fsm also has a definition, in its place, whose body is a kMachine.
struct File {
  std::optional<Block> block;
  std::vector<Definition> definitions;
  std::vector<Section> sections;
  std::vector<EventSyntax> events;
  std::vector<MachineSyntax> machines;
  std::vector<InvariantSyntax> invariants;
  bool lost_events = false;    // some could not be read
  bool has_functions = false;  // of Python: its lines mean what they do by their indentation
};

// The stretch from `first` to `last` if they are on one line; else `first`.
SourceSpan cover(const SourceSpan& first, const SourceSpan& last);

}  // namespace fabrix::policy
