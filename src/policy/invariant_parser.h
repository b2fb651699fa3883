// InvariantParser: `invariant NAME: ...`, from a token stream that stands at `invariant`.
#pragma once

#include <optional>

#include "policy/expression_parser.h"
#include "policy/invariant_syntax.h"
#include "policy/token_stream.h"

namespace fabrix::policy {

class InvariantParser {
 public:
  InvariantParser(TokenStream& tokens, ExpressionParser& expressions)
      : tokens_(tokens), expressions_(expressions) {}

  // None: reported, and skipped.
  std::optional<InvariantSyntax> invariant();

 private:
  bool claim(InvariantSyntax& into);
  bool comparison(InvariantSyntax& into);
  bool isolation(InvariantSyntax& into);
  bool expression(InvariantSyntax& into);

  TokenStream& tokens_;
  ExpressionParser& expressions_;
};

}  // namespace fabrix::policy
