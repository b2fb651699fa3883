// Tokens of the host agent's configuration file (host/config.h): words and braces, and where they
// are.
//
// '=', ';' and space separate; '#' begins a comment to the end of the line. The text must outlive
// the tokens. Pure; accepts any text.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/diagnostic.h"

namespace fabrix::host {

struct Token {
  enum class Kind : std::uint8_t { kWord, kOpen, kClose, kEnd };

  Kind kind = Kind::kEnd;
  std::string_view text;
  SourceSpan at;
};

class Tokens {
 public:
  explicit Tokens(std::string_view text) : rest_(text) { advance(); }

  const Token& peek() const { return next_; }
  Token next() {
    const Token token = next_;
    advance();
    return token;
  }

 private:
  static bool separates(char letter) {
    return letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n' || letter == '=' ||
           letter == ';';
  }
  static bool ends_word(char letter) {
    return separates(letter) || letter == '{' || letter == '}' || letter == '#';
  }

  void skip(std::size_t count) {
    for (const char letter : rest_.substr(0, count)) {
      column_ = letter == '\n' ? 1 : column_ + 1;
      if (letter == '\n') ++line_;
    }
    rest_.remove_prefix(count);
  }

  void skip_space() {
    while (!rest_.empty()) {
      if (rest_.front() == '#') {
        skip(std::min(rest_.find('\n'), rest_.size()));
      } else if (separates(rest_.front())) {
        skip(1);
      } else {
        return;
      }
    }
  }

  void advance() {
    skip_space();
    next_ = {.kind = Token::Kind::kEnd, .text = {}, .at = {line_, column_, 1}};
    if (rest_.empty()) return;
    const auto* const end = std::find_if(rest_.begin(), rest_.end(), ends_word);
    const auto size = std::max<std::size_t>(static_cast<std::size_t>(end - rest_.begin()), 1);
    next_.text = rest_.substr(0, size);
    next_.at.length = static_cast<std::uint32_t>(size);
    next_.kind = rest_.front() == '{'   ? Token::Kind::kOpen
                 : rest_.front() == '}' ? Token::Kind::kClose
                                        : Token::Kind::kWord;
    skip(size);
  }

  std::string_view rest_;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
  Token next_;
};

// In any letter case.
inline bool same_word(std::string_view left, std::string_view right) {
  const auto lower = [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  };
  return std::ranges::equal(left, right, {}, lower, lower);
}
inline bool begins_with_word(std::string_view text, std::string_view beginning) {
  return same_word(text.substr(0, beginning.size()), beginning);
}

}  // namespace fabrix::host
