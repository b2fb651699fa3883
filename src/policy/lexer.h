// Lexer: the text of a policy to tokens.
//
// Numbers, addresses, prefixes and MAC addresses are recognised here, so that a malformed one is
// told where it stands (P0003, P0004). `#` starts a comment; a line `#pragma name = value` is a
// pragma. Newlines are no tokens: a token remembers whether it is the first of its line. Never
// fails as a whole: what it cannot read is reported and left out.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/report.h"

namespace fabrix::policy {

enum class TokenKind : std::uint8_t {
  kEnd,      // after the last token; `at` is the last token's
  kName,     // letters, digits, underscores
  kNumber,   // decimal or 0x
  kString,   // `text` is what stands between the quotes
  kAddress,  // IPv4 or IPv6
  kPrefix,
  kMac,
  kSymbol,
  kDuration,   // decimal and one of ms s m h d
  kRate,       // decimal and one of kbps mbps gbps, in any case
  kCommunity,  // 64500:1 or 64500:1:2
  kMalformed,  // a number, address or prefix that cannot be read, which has been reported
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // views the policy text
  SourceSpan at;
  std::uint32_t depth = 0;   // of parentheses and brackets around it; a bracket has the outer depth
  bool starts_line = false;  // nothing but space before it on its line
  bool spoiled = false;  // it, or what stood just before it, was reported: surprises are no news
};

struct Pragma {
  std::string_view name;
  std::string_view value;
  SourceSpan at;
};

// From `#` to the end of the line, pragmas too; or what stands between three quotes.
struct Comment {
  std::string_view text;
  SourceSpan at;
};

struct Lexed {
  std::vector<Token> tokens;  // the last is kEnd
  std::vector<Pragma> pragmas;
  std::vector<Comment> comments;
};

// The tokens view `text`, which must outlive them.
Lexed lex(std::string_view text, Report& report);

}  // namespace fabrix::policy
