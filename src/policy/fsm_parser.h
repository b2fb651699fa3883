// FsmParser: the statements of finite-state policies, `event` and `fsm`, from a token stream.
//
// What cannot be read is reported and skipped up to the next item of the fsm, so that one run finds
// several errors. Nesting deeper than kMaxNesting is an error (P0107).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "policy/expression_parser.h"
#include "policy/fsm_syntax.h"
#include "policy/token_stream.h"

namespace fabrix::policy {

class FsmParser {
 public:
  FsmParser(TokenStream& tokens, ExpressionParser& expressions)
      : tokens_(tokens), expressions_(expressions) {}

  // From the word `event` or `fsm` to the end of the statement. None: reported; the stream stands
  // behind what could not be read.
  std::optional<EventSyntax> event();
  std::optional<MachineSyntax> machine();

 private:
  bool header(MachineSyntax& machine);
  bool key(MachineSyntax& machine);
  bool key_fields(MachineSyntax& machine);
  bool at_key_field(std::size_t ahead) const;
  bool item(MachineSyntax& machine);
  bool variable(MachineSyntax& machine);
  bool reaction(MachineSyntax& machine);
  bool behaviour(MachineSyntax& machine);
  bool cases(MachineSyntax& machine);
  bool check(MachineSyntax& machine);
  bool timeout(MachineSyntax& machine);
  bool guard(FormulaPtr& when);
  bool assignments(std::vector<AssignmentSyntax>& into);
  bool assignment(std::vector<AssignmentSyntax>& into);
  bool domain(DomainSyntax& into);
  SyntaxPtr expression();
  std::optional<WordSyntax> name(std::string_view what);
  std::optional<WordSyntax> value(std::string_view what);
  bool symbol(std::string_view symbol, std::string_view after);
  void skip_rest(const Token& first);
  bool at_item() const;
  void skip_item(std::uint32_t depth);

  TokenStream& tokens_;
  ExpressionParser& expressions_;
};

}  // namespace fabrix::policy
