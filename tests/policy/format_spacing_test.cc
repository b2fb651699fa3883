#include "policy/format_spacing.h"

#include <string>

#include <gtest/gtest.h>

#include "policy/report.h"

namespace fabrix::policy {
namespace {

// Two tokens as they stand next to each other.
std::string joined(std::string_view two, Surroundings in) {
  Report report("");
  const Lexed lexed = lex(two, report);
  const Token& left = lexed.tokens[0];
  const Token& right = lexed.tokens[1];
  const bool space = has_space({.before_left = left, .left = left, .right = right}, in);
  return std::string(left.text) + (space ? " " : "") + std::string(right.text);
}

TEST(FormatSpacingTest, AnEqualsSignHasSpacesOnlyInStatements) {
  EXPECT_EQ(joined("x=", Surroundings::kBlock), "x =");
  EXPECT_EQ(joined("x =", Surroundings::kGroup), "x=");
  EXPECT_EQ(joined("= x", Surroundings::kValues), "=x");
}

TEST(FormatSpacingTest, OperatorsHaveSpacesOutsideOfValues) {
  EXPECT_EQ(joined("a-", Surroundings::kGroup), "a -");
  EXPECT_EQ(joined("a -", Surroundings::kValues), "a-");
  EXPECT_EQ(joined("a<", Surroundings::kBlock), "a <");
  EXPECT_EQ(joined("a <", Surroundings::kValues), "a<");
  EXPECT_EQ(joined(")>>", Surroundings::kGroup), ") >>");
}

TEST(FormatSpacingTest, ArgumentsFollowTheirFunctionAndNotAKeyword) {
  EXPECT_EQ(joined("fwd (", Surroundings::kBlock), "fwd(");
  EXPECT_EQ(joined("from (", Surroundings::kBlock), "from(");
  EXPECT_EQ(joined("not(", Surroundings::kBlock), "not (");
  EXPECT_EQ(joined("peers [", Surroundings::kGroup), "peers[");
  EXPECT_EQ(joined("in[", Surroundings::kGroup), "in [");
  EXPECT_EQ(joined("~ a", Surroundings::kGroup), "~a");
}

TEST(FormatSpacingTest, BracesAreBlocksOrSets) {
  Report report("");
  const Lexed lexed = lex("A { = { -> { in {", report);
  const auto& tokens = lexed.tokens;
  EXPECT_TRUE(opens_block(tokens[0], tokens[1]));
  EXPECT_FALSE(opens_block(tokens[2], tokens[3]));
  EXPECT_TRUE(opens_block(tokens[4], tokens[5]));
  EXPECT_FALSE(opens_block(tokens[6], tokens[7]));
}

}  // namespace
}  // namespace fabrix::policy
