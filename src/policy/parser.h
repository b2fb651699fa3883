// Parser: tokens to syntax, by recursive descent over the precedence table of docs/policy.md.
//
// What cannot be read is reported and skipped up to the next `+`, `//`, closing bracket or section,
// so that one run finds several errors. Nesting deeper than kMaxNesting is an error (P0107). Pure.
#pragma once

#include <cstdint>

#include "policy/lexer.h"
#include "policy/report.h"
#include "policy/syntax.h"

namespace fabrix::policy {

// How `+` and `>>` nest where there are no parentheses.
enum class Precedence : std::uint8_t {
  kPaper,    // a >> b + c is (a >> b) + c
  kPyretic,  // a >> b + c is a >> (b + c), as Python reads it
};

inline constexpr unsigned kMaxNesting = 60;

File parse_file(const Lexed& lexed, Precedence precedence, Report& report);

}  // namespace fabrix::policy
