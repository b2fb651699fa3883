// TextPattern: a regular expression over the text of an AS path ("64500 64501 {64502 64503}") or of
// a community ("64500:1"), as BGP tools write them.
//
//   c  \c  .  [a-z]  [^a-z]      a character; any; one of a class
//   ^  $                         the beginning, the end
//   _                            the beginning, the end, or one of ' ' ',' ':' '{' '}' '(' ')'
//   a|b  (a)  a*  a+  a?  a{2,5} alternatives, groups, repetition
//
// It matches anywhere in the text unless anchored. Matching is one table step for each character,
// whatever the pattern: it is made into a deterministic automaton when it is read, and one that
// would be too large is refused then. Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace fabrix::policy {

// What is wrong with a pattern, and where.
struct PatternError {
  std::string message;
  std::size_t at = 0;  // octet of the pattern
};

class TextPattern {
 public:
  static constexpr std::size_t kMaxLength = 256;  // of the pattern, in octets
  static constexpr std::size_t kMaxRepeat = 64;
  static constexpr std::size_t kMaxStates = 256;
  static constexpr std::size_t kCharacters = 128;

  static Result<TextPattern, PatternError> compile(std::string_view pattern);

  bool matches(std::string_view text) const;

  // As written.
  const std::string& text() const { return text_; }

  friend bool operator==(const TextPattern& a, const TextPattern& b) { return a.text_ == b.text_; }

 private:
  using State = std::uint16_t;

  TextPattern() = default;

  std::string text_;
  // Characters that no part of the pattern tells apart are one class.
  std::array<std::uint8_t, kCharacters> class_of_{};
  std::size_t classes_ = 0;
  std::vector<State> next_;        // by state and class
  std::vector<bool> accepts_;      // by state: whatever follows
  std::vector<bool> accepts_end_;  // by state: if the text ends there
};

}  // namespace fabrix::policy
