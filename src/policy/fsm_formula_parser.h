// FormulaParser: conditions on the state of an fsm and properties of its runs, from a token stream.
//
// Nesting deeper than kMaxNesting is an error (P0107).
#pragma once

#include "policy/fsm_syntax.h"
#include "policy/token_stream.h"

namespace fabrix::policy {

// A condition or property, at the stream's place. Null: reported.
class FormulaParser {
 public:
  explicit FormulaParser(TokenStream& tokens) : tokens_(tokens) {}

  // Up to an implication, which stands in brackets here: `a -> EXPR` is a case.
  FormulaPtr condition() { return disjunction(); }
  FormulaPtr property() { return implication(); }

 private:
  FormulaPtr implication();
  FormulaPtr chain(FormulaKind kind, std::string_view op, FormulaPtr (FormulaParser::*operand)());
  FormulaPtr disjunction();
  FormulaPtr conjunction();
  FormulaPtr unary();
  FormulaPtr nested();
  FormulaPtr until(FormulaKind kind);
  FormulaPtr comparison();
  FormulaPtr deeper(FormulaPtr (FormulaParser::*rule)());

  TokenStream& tokens_;
  unsigned nesting_ = 0;
};

// What begins an item of an fsm where it begins a line, and then names nothing.
bool is_item_word(std::string_view word);

}  // namespace fabrix::policy
