#include "policy/token_stream.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

class TokenStreamTest : public testing::Test {
 protected:
  void open(std::string_view text) { lexed_ = lex(text, report_); }

  Report report_{"test"};
  Lexed lexed_;
};

TEST_F(TokenStreamTest, NeverLeavesTheTokens) {
  open("");
  TokenStream tokens(lexed_, report_);
  tokens.take();
  EXPECT_TRUE(tokens.at_end());
  EXPECT_EQ(tokens.peek(9).kind, TokenKind::kEnd);
  EXPECT_EQ(tokens.previous().kind, TokenKind::kEnd);
}

TEST_F(TokenStreamTest, OneMistakeIsOneMessage) {
  open("a b");
  TokenStream tokens(lexed_, report_);
  tokens.expected("x");
  tokens.expected("y");
  tokens.take();
  tokens.expected("z");
  const auto all = report_.take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].message, "expected x after this");
  EXPECT_EQ(all[1].message, "expected z, found 'b'");
}

TEST_F(TokenStreamTest, SaysOnceAfterWhatSomethingIsMissing) {
  open("outbound");
  TokenStream tokens(lexed_, report_);
  tokens.take();
  tokens.expected("'=' after 'outbound'");
  EXPECT_EQ(report_.take()[0].message, "expected '=' after 'outbound'");
}

TEST_F(TokenStreamTest, SkipsToWhereAnOperandMayFollow) {
  open("a (b + c) , d\noutbound = x");
  TokenStream tokens(lexed_, report_);
  tokens.synchronize(0);
  EXPECT_TRUE(tokens.at_symbol(","));
  tokens.take();
  tokens.synchronize(0);
  EXPECT_TRUE(tokens.at_statement());
  EXPECT_TRUE(tokens.at_name("outbound"));
}

TEST_F(TokenStreamTest, SkipsWholeStatements) {
  open("fsm x {\n on e\n}\nlet y = 1");
  TokenStream tokens(lexed_, report_);
  tokens.skip_statement(0);
  EXPECT_TRUE(tokens.at_name("let"));
}

TEST_F(TokenStreamTest, SaysWhichBracketIsOpen) {
  open("(a b");
  TokenStream tokens(lexed_, report_);
  const Token opening = tokens.peek();
  tokens.take();
  tokens.take();
  EXPECT_FALSE(tokens.close(opening, ")"));
  EXPECT_EQ(report_.take().front().help, "it closes the '(' at line 1, column 1");
}

}  // namespace
}  // namespace fabrix::policy
