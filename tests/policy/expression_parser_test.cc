#include "policy/expression_parser.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

// The tree in prefix form.
std::string text_of(const Syntax& node) {
  constexpr std::array<std::string_view, 16> kNames{
      "error", "//", "+",     ">>",     "|",    "&",     "-",    "~",
      "",      "",   "index", "member", "call", "match", "list", "for"};
  std::string result(kNames.at(static_cast<std::size_t>(node.kind)));
  result += node.text;
  for (const FieldSyntax& each : node.tests) {
    result += " " + std::string(each.field) + std::string(each.op) + text_of(*each.value);
  }
  for (const SyntaxPtr& child : node.children) result += " " + text_of(*child);
  const bool leaf = node.children.empty() && node.tests.empty();
  return leaf ? result : "(" + result + ")";
}

std::string tree(std::string_view text, Precedence precedence = Precedence::kPaper) {
  Report report("test");
  const Lexed lexed = lex(text, report);
  TokenStream tokens(lexed, report);
  return text_of(*ExpressionParser(tokens, precedence).parse());
}

TEST(ExpressionParserTest, BindsByThePaper) {
  EXPECT_EQ(tree("a // b + c >> d | e & f - ~g"), "(// a (+ b (>> c (| d (& e (- f (~ g)))))))");
  EXPECT_EQ(tree("a + b else not c"), "(// (+ a b) (~ c))");
  EXPECT_EQ(tree("(a + b) >> c"), "(>> (+ a b) c)");
}

TEST(ExpressionParserTest, OrByPython) {
  EXPECT_EQ(tree("a >> b + c >> d", Precedence::kPyretic), "(>> a (+ b c) d)");
}

TEST(ExpressionParserTest, ReadsOperands) {
  EXPECT_EQ(tree("f(a, [b, {c}])"), "(callf a (list b (list c)))");
  EXPECT_EQ(tree("participant.peers['B'].x[0]"), "(index (memberx (index participant.peers B)) 0)");
  EXPECT_EQ(tree("[f(x) for x in y]"), "(forx (callf x) y)");
}

TEST(ExpressionParserTest, ReadsValues) {
  EXPECT_EQ(tree("match(a=1/2-3, b in {x, [4..5]}, c!=6&7)"),
            "(matchmatch a=(list 1 (- 2 3)) b=(list x (list (- 4 5))) c!=(& 6 7))");
}

}  // namespace
}  // namespace fabrix::policy
