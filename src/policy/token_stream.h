// TokenStream: where the parser stands in the tokens, and how it complains.
//
// One mistake gives one message: a complaint at the token of the last one is dropped. Looking at or
// past the end yields the kEnd token.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "policy/lexer.h"
#include "policy/report.h"

namespace fabrix::policy {

class TokenStream {
 public:
  TokenStream(const Lexed& lexed, Report& report) : tokens_(lexed.tokens), report_(report) {}

  const Token& peek(std::size_t ahead = 0) const;
  // The token last taken; the first one if none was.
  const Token& previous() const;
  bool at_end() const { return peek().kind == TokenKind::kEnd; }
  bool at_symbol(std::string_view symbol, std::size_t ahead = 0) const;
  bool at_name(std::string_view name) const;
  // Does a definition, section or block start here, whatever brackets are open?
  bool at_statement() const;

  void take();
  bool take_symbol(std::string_view symbol);

  // "expected WHAT, found ...", at the token in the way, or after the last one of the line before.
  void expected(std::string_view what, std::string help = {});
  void complain(std::string code, SourceSpan at, std::string message, std::string help = {});
  // What is wrong at this token has been said.
  void be_silent() { complained_ = position_; }

  // Takes `close`, or says which bracket `open` is not closed.
  bool close(const Token& open, std::string_view close);

  // From an opening bracket to after its closing one, or to the next statement.
  void skip_brackets();
  // To where an operand may follow or the brackets around depth `depth` close.
  void synchronize(std::uint32_t depth);
  // To the next line that starts at `depth` or less.
  void skip_statement(std::uint32_t depth);

 private:
  const std::vector<Token>& tokens_;
  Report& report_;
  std::size_t position_ = 0;
  std::size_t complained_ = std::numeric_limits<std::size_t>::max();
};

}  // namespace fabrix::policy
