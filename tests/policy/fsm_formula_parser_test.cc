#include "policy/fsm_formula_parser.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "policy/lexer.h"
#include "policy/report.h"

namespace fabrix::policy {
namespace {

// The shape of a formula, fully bracketed; "error" if it cannot be read.
std::string shape(const FormulaPtr& formula) {
  if (formula == nullptr) return "error";
  constexpr std::array<std::string_view, 14> kNames{"",   "",   "~",  "&",  "|",  "->", "AX",
                                                    "AF", "AG", "AU", "EX", "EF", "EG", "EU"};
  if (formula->kind == FormulaKind::kTruth) return std::string(formula->name.text);
  if (formula->kind == FormulaKind::kCompare) {
    return std::string(formula->name.text) + std::string(formula->op) +
           std::string(formula->value.text);
  }
  std::string text = "(" + std::string(kNames.at(static_cast<std::size_t>(formula->kind)));
  for (const FormulaPtr& child : formula->children) text += " " + shape(child);
  return text + ")";
}

std::string property(std::string_view text) {
  Report report("");
  const Lexed lexed = lex(text, report);
  TokenStream tokens(lexed, report);
  return shape(FormulaParser(tokens).property());
}

TEST(FsmFormulaParser, BindsNegationThenAndThenOrThenImplication) {
  EXPECT_EQ(property("~a & b | c -> d -> e"), "(-> (| (& (~ a) b) c) (-> d e))");
  EXPECT_EQ(property("AG a & b"), "(& (AG a) b)");
  EXPECT_EQ(property("AG (a -> EF b == c)"), "(AG (-> a (EF b==c)))");
  EXPECT_EQ(property("not not a"), "(~ (~ a))");
  EXPECT_EQ(property("A[a U b] & E[x != 1 U y >= 2]"), "(& (AU a b) (EU x!=1 y>=2))");
  EXPECT_EQ(property("a & b & c"), "(& a b c)");
  EXPECT_EQ(property("x = a"), "x==a");
}

TEST(FsmFormulaParser, AConditionEndsBeforeAnArrow) {
  Report report("");
  const Lexed lexed = lex("a | b -> c", report);
  TokenStream tokens(lexed, report);
  EXPECT_EQ(shape(FormulaParser(tokens).condition()), "(| a b)");
  EXPECT_TRUE(tokens.at_symbol("->"));
}

TEST(FsmFormulaParser, RejectsWhatIsNone) {
  for (const std::string_view text :
       {"", "&", "a &", "(a", "A[a]", "A[a U b", "x ==", "x == ->", "AG", "1 == x"}) {
    EXPECT_EQ(property(text), "error") << text;
  }
}

}  // namespace
}  // namespace fabrix::policy
