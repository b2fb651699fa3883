#include "policy/format_spacing.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace fabrix::policy {
namespace {

template <std::size_t Size>
bool is_one_of(std::string_view text, const std::array<std::string_view, Size>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_symbol(const Token& token, std::string_view text) {
  return token.kind == TokenKind::kSymbol && token.text == text;
}

bool is_word(const Token& token) {
  return token.kind != TokenKind::kSymbol || token.text == "*";
}

// What follows one of these is no argument and no index of it.
bool is_keyword(const Token& token) {
  constexpr std::array<std::string_view, 20> kWords{
      "not", "else", "in", "for",    "when", "per",    "on",    "check", "never", "always",
      "let", "AG",   "AF", "import", "EX",   "policy", "event", "AX",    "EG",    "EF"};
  return token.kind == TokenKind::kName && is_one_of(token.text, kWords);
}

bool opens(const Token& token) {
  return is_symbol(token, "(") || is_symbol(token, "[") || is_symbol(token, "{");
}

bool closes(const Token& token) {
  return is_symbol(token, ")") || is_symbol(token, "]") || is_symbol(token, "}");
}

bool compares(const Token& token) {
  constexpr std::array<std::string_view, 7> kSymbols{"==", "!=", "<", "<=", ">", ">=", "=~"};
  return token.kind == TokenKind::kSymbol && is_one_of(token.text, kSymbols);
}

// "10.0.0.1 / 8" is a set; without the spaces it would be a prefix.
bool may_be_prefix(const Neighbours& tokens) {
  if (is_symbol(tokens.right, "/")) return tokens.left.kind == TokenKind::kAddress;
  return is_symbol(tokens.left, "/") && tokens.before_left.kind == TokenKind::kAddress;
}

bool is_tight_symbol(const Token& token, Surroundings in) {
  if (token.kind != TokenKind::kSymbol) return false;
  if (token.text == "." || token.text == "..") return true;
  if (token.text == "=") return in != Surroundings::kBlock;
  const bool in_value =
      compares(token) || token.text == "-" || token.text == "&" || token.text == "/";
  return in == Surroundings::kValues && in_value;
}

// Between a word and the bracket behind it.
bool has_space_before_bracket(const Token& left, const Token& bracket) {
  if (is_keyword(left)) return true;
  const bool goes_on = left.kind == TokenKind::kName || closes(left);
  const bool follows_closely = is_symbol(bracket, "(") ? left.kind == TokenKind::kName : goes_on;
  return !follows_closely;
}

}  // namespace

bool is_operator(const Token& token) {
  constexpr std::array<std::string_view, 6> kSymbols{"//", "+", ">>", "|", "&", "-"};
  if (token.kind == TokenKind::kName) return token.text == "else";
  return token.kind == TokenKind::kSymbol && is_one_of(token.text, kSymbols);
}

bool opens_block(const Token& before, const Token& brace) {
  if (!is_symbol(brace, "{")) return false;
  if (before.kind == TokenKind::kSymbol) return before.text == "->" || before.text == ")";
  return before.text != "in";
}

bool opens_values(const Token& before) {
  constexpr std::array<std::string_view, 5> kWords{"match", "modify", "mod", "rib", "src_rib"};
  return before.kind == TokenKind::kName && is_one_of(before.text, kWords);
}

bool has_space(const Neighbours& tokens, Surroundings in) {
  const Token& left = tokens.left;
  const Token& right = tokens.right;
  if (tokens.left_opens_block || tokens.right_opens_block || tokens.right_closes_block) return true;
  if (is_symbol(right, ",") || is_symbol(right, ";") || closes(right) || opens(left)) return false;
  if (is_symbol(left, ",") || is_symbol(left, ";") || is_symbol(left, ":")) return true;
  if (is_symbol(right, ":")) {
    const Token& before = tokens.before_left;
    return before.text == "event" || before.text == "var";
  }
  if (is_symbol(left, "~")) return false;
  if (may_be_prefix(tokens)) return true;
  if (is_tight_symbol(left, in) || is_tight_symbol(right, in)) return false;
  if (is_word(left) && is_word(right)) return true;
  if (opens(right) && (is_word(left) || closes(left))) {
    return has_space_before_bracket(left, right);
  }
  return true;
}

}  // namespace fabrix::policy
