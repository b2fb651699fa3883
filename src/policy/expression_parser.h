// ExpressionParser: the expressions of the policy language, from a token stream.
//
// parse() always returns a tree and leaves the stream behind the expression, or, after an error, at
// what ends it; operands that could not be read are kError nodes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/parser.h"
#include "policy/syntax.h"
#include "policy/token_stream.h"

namespace fabrix::policy {

class ExpressionParser {
 public:
  ExpressionParser(TokenStream& tokens, Precedence precedence)
      : tokens_(tokens), precedence_(precedence) {}

  SyntaxPtr parse();

  // Where `+` and `>>` met without parentheses since the last call.
  std::optional<SourceSpan> take_mixes();

 private:
  struct Operator {
    std::string_view symbol;
    SyntaxKind kind;
  };

  // Null: reported, and the stream stands where the trouble is.
  SyntaxPtr binary(unsigned level);
  SyntaxPtr unary();
  SyntaxPtr primary();
  SyntaxPtr name();
  SyntaxPtr group();
  SyntaxPtr list(std::string_view close);
  SyntaxPtr comprehension(const Token& open, SyntaxPtr body);
  SyntaxPtr path(SyntaxPtr base);
  SyntaxPtr call(const std::string& callee, const SourceSpan& at);
  SyntaxPtr fields(const SourceSpan& at, std::string_view word);
  SyntaxPtr in_state(const SourceSpan& at);
  SyntaxPtr query(const SourceSpan& at, std::string_view word);
  SyntaxPtr packets_query(const SourceSpan& at);
  SyntaxPtr query_fields(Syntax node, const Token& open);
  bool query_field(Syntax& into);
  bool query_name(Syntax& into);
  SyntaxPtr no_tests(const SourceSpan& at, const std::string& word);
  bool at_tests() const;
  bool at_comparison(std::size_t ahead) const;
  bool at_operator() const;
  bool field_test(Syntax& into);
  SyntaxPtr values();
  SyntaxPtr value();
  SyntaxPtr value_atom();
  SyntaxPtr literal();

  Operator operator_of(unsigned level) const;
  bool take_operator(const Operator& op);
  void note_mix(const Syntax& node);
  SyntaxPtr deeper(SyntaxPtr (ExpressionParser::*rule)());

  TokenStream& tokens_;
  Precedence precedence_;
  std::optional<SourceSpan> mixes_;
  unsigned nesting_ = 0;
  bool told_nesting_ = false;  // that this expression is too deep
};

}  // namespace fabrix::policy
