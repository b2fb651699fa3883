#include "policy/token_stream.h"

#include <algorithm>
#include <array>
#include <utility>

namespace fabrix::policy {

const Token& TokenStream::peek(std::size_t ahead) const {
  return tokens_[std::min(position_ + ahead, tokens_.size() - 1)];
}

const Token& TokenStream::previous() const {
  return tokens_[position_ == 0 ? 0 : position_ - 1];
}

bool TokenStream::at_symbol(std::string_view symbol, std::size_t ahead) const {
  return peek(ahead).kind == TokenKind::kSymbol && peek(ahead).text == symbol;
}

bool TokenStream::at_name(std::string_view name) const {
  return peek().kind == TokenKind::kName && peek().text == name;
}

bool TokenStream::at_statement() const {
  if (at_end()) return true;
  if (!peek().starts_line || peek().kind != TokenKind::kName) return false;
  constexpr std::array<std::string_view, 3> kSections{"outbound", "inbound", "final_policy"};
  const std::string_view word = peek().text;
  const bool is_section = std::find(kSections.begin(), kSections.end(), word) != kSections.end();
  const bool named = peek(1).kind == TokenKind::kName;
  if (is_section) return at_symbol("=", 1);
  if (word == "event" || word == "invariant") return named && at_symbol(":", 2);
  const bool has_head = peek(2).text == "per" || at_symbol("{", 2);
  if (word == "chain") return named && at_symbol("=", 2);
  return (word == "let" && named) || (word == "policy" && named && at_symbol("{", 2)) ||
         (word == "fsm" && named && has_head);
}

void TokenStream::take() {
  if (!at_end()) ++position_;
}

bool TokenStream::take_symbol(std::string_view symbol) {
  if (!at_symbol(symbol)) return false;
  take();
  return true;
}

void TokenStream::expected(std::string_view what, std::string help) {
  const Token& found = peek();
  // At the end of a line, what is missing is missing there and not at the next line's start.
  const bool line_ended = found.kind == TokenKind::kEnd || found.starts_line;
  std::string message = "expected " + std::string(what);
  if (line_ended) {
    const bool says_where = what.find(" after ") != std::string_view::npos;
    return complain("P0101", previous().at, says_where ? message : message + " after this",
                    std::move(help));
  }
  message += found.kind == TokenKind::kString ? ", found a string"
                                              : ", found '" + std::string(found.text) + "'";
  complain("P0101", found.at, std::move(message), std::move(help));
}

void TokenStream::complain(std::string code, SourceSpan at, std::string message, std::string help) {
  if (complained_ == position_ || peek().spoiled) return;
  complained_ = position_;
  report_.error(std::move(code), at, std::move(message), std::move(help));
}

bool TokenStream::close(const Token& open, std::string_view close) {
  if (take_symbol(close)) return true;
  const std::string where =
      "line " + std::to_string(open.at.line) + ", column " + std::to_string(open.at.column);
  const Token& found = peek();
  const bool line_ended = found.kind == TokenKind::kEnd || found.starts_line;
  complain("P0102", line_ended ? previous().at : found.at,
           "missing '" + std::string(close) + "' " + (line_ended ? "after" : "before") + " this",
           "it closes the '" + std::string(open.text) + "' at " + where);
  return false;
}

void TokenStream::skip_brackets() {
  const std::uint32_t depth = peek().depth;
  take();
  while (!at_statement() && peek().depth > depth) take();
  if (!at_statement()) take();
}

void TokenStream::synchronize(std::uint32_t depth) {
  while (!at_statement() && peek().depth >= depth) {
    const bool here = peek().depth == depth;
    if (here && (at_symbol("+") || at_symbol("//") || at_symbol(","))) break;
    take();
  }
  // What stands here was reached by skipping: that it surprises is no news.
  complained_ = position_;
}

void TokenStream::skip_statement(std::uint32_t depth) {
  const auto stands_before_next = [this, depth] {
    const bool own_brace = at_symbol("}") && peek().depth == depth;
    return peek().starts_line && peek().depth <= depth && !own_brace;
  };
  take();
  while (!at_end() && !stands_before_next()) take();
}

}  // namespace fabrix::policy
