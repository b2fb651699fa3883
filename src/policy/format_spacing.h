// Spacing: whether a space stands between two tokens of one line in the canonical layout.
//
// Operators have spaces around them, except inside match() and its like, where `80-90`, `2&2` and
// `dstport!=80` are one word, and `=` in any brackets. Pure.
#pragma once

#include <cstdint>

#include "policy/lexer.h"

namespace fabrix::policy {

// What a token stands in.
enum class Surroundings : std::uint8_t {
  kBlock,   // the file itself, or the braces of `policy` and `fsm`
  kGroup,   // brackets of an expression
  kValues,  // match(...) and what is inside
};

bool is_operator(const Token& token);  // of two operands, one before it

// Do these braces hold statements, given the token before them? Else they are a set of values.
bool opens_block(const Token& before, const Token& brace);
// Does the parenthesis after `before` hold tests of fields?
bool opens_values(const Token& before);

struct Neighbours {
  const Token& before_left;  // the one before `left`; `left` itself at the start of a line
  const Token& left;
  const Token& right;
  bool left_opens_block = false;
  bool right_opens_block = false;
  bool right_closes_block = false;
};

bool has_space(const Neighbours& tokens, Surroundings in);

}  // namespace fabrix::policy
