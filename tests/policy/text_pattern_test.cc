#include "policy/text_pattern.h"

#include <chrono>
#include <random>
#include <regex>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const auto compiled = TextPattern::compile(pattern);
  if (!compiled) {
    ADD_FAILURE() << pattern << ": " << compiled.error().message;
    return false;
  }
  return compiled->matches(text);
}

TEST(TextPatternTest, MatchesAnywhereUnlessAnchored) {
  EXPECT_TRUE(matches("6450", "64500 64501"));
  EXPECT_TRUE(matches("^64500 64501$", "64500 64501"));
  EXPECT_FALSE(matches("^64501", "64500 64501"));
  EXPECT_FALSE(matches("64500$", "64500 64501"));
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("^$", ""));
  EXPECT_FALSE(matches("^$", "1"));
}

// As in the AS path access lists of routers.
TEST(TextPatternTest, TheUnderscoreIsWhereANumberBeginsOrEnds) {
  for (const char* text :
       {"64500", "64500 1", "1 64500", "1 64500 2", "{64500 7}", "1 {7 64500}"}) {
    EXPECT_TRUE(matches("_64500_", text)) << text;
  }
  for (const char* text : {"164500", "645001", "1 645000 2", ""}) {
    EXPECT_FALSE(matches("_64500_", text)) << text;
  }
  EXPECT_TRUE(matches("^64500_", "64500 64501"));
  EXPECT_TRUE(matches("_64501$", "64500 64501"));
  EXPECT_TRUE(matches("^_64500_$", "64500"));
  EXPECT_TRUE(matches("_64500_64501_", "1 64500 64501 2"));
}

TEST(TextPatternTest, RepetitionAndAlternativesAndClasses) {
  EXPECT_TRUE(matches("^(64500 )+64501$", "64500 64500 64500 64501"));
  EXPECT_FALSE(matches("^(64500 )+64501$", "64501"));
  EXPECT_TRUE(matches("^64500( [0-9]+){0,2}$", "64500 1 2"));
  EXPECT_FALSE(matches("^64500( [0-9]+){0,2}$", "64500 1 2 3"));
  EXPECT_TRUE(matches("^1{3}$", "111"));
  EXPECT_FALSE(matches("^1{3}$", "11"));
  EXPECT_TRUE(matches("^1{2,}$", "11111"));
  EXPECT_TRUE(matches("_(174|3356)_", "1 3356 2"));
  EXPECT_FALSE(matches("_(174|3356)_", "1 33 2"));
  EXPECT_TRUE(matches("^[^ ]+$", "64500"));
  EXPECT_FALSE(matches("^[^ ]+$", "64500 1"));
  EXPECT_TRUE(matches(R"(\{)", "1 {2 3}"));
  EXPECT_TRUE(matches(R"(^\d+:1$)", "64500:1"));
  EXPECT_TRUE(matches("^64500:.*$", "64500:77"));
}

TEST(TextPatternTest, SaysWhatIsWrongAndWhere) {
  struct Case {
    std::string pattern;
    std::size_t at;
  };
  for (const Case& each :
       {Case{"(1", 0}, Case{"1)", 1}, Case{"12[3", 2}, Case{"*1", 0}, Case{"a|*", 2},
        Case{"1{9", 1}, Case{"1{5,2}", 1}, Case{"1{65}", 1}, Case{"[9-1]", 1}, Case{"1\\", 1},
        Case{"\xc3\xa9", 0}, Case{std::string(257, '1'), 0}, Case{std::string(40, '('), 32}}) {
    SCOPED_TRACE(each.pattern);
    const auto compiled = TextPattern::compile(each.pattern);
    ASSERT_FALSE(compiled);
    EXPECT_EQ(compiled.error().at, each.at) << compiled.error().message;
  }
}

// What makes backtracking matchers take years.
TEST(TextPatternTest, HostilePatternsAreBoundedInSizeAndTime) {
  const auto began = std::chrono::steady_clock::now();
  const std::string text(5000, '1');
  EXPECT_FALSE(matches("^(1+)+$", text + "2"));
  EXPECT_FALSE(matches("^(1|1)*2$", text));
  EXPECT_FALSE(TextPattern::compile("((((.{64}){64}){64}){64})"));
  EXPECT_FALSE(TextPattern::compile("1.{40}"));  // 2^40 states, were they all made
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

// The oracle is std::regex, where `_` is spelled out.
TEST(TextPatternTest, AgreesWithAnotherMatcher) {
  std::mt19937 random(7);
  const auto below = [&random](std::size_t bound) { return random() % bound; };
  const std::vector<std::string> atoms{"1",    "2", "12",    " ",    ".", "[12]",
                                       "[^1]", "_", "(1|2)", "(1 )", "^", "$"};
  const std::vector<std::string> repeats{"", "", "", "*", "+", "?", "{2}", "{0,2}"};
  for (int round = 0; round < 3000; ++round) {
    std::string pattern;
    for (std::size_t i = 0; i <= below(5); ++i) {
      const std::string& atom = atoms[below(atoms.size())];
      const bool may_repeat = atom != "^" && atom != "$" && atom != "_" && atom != "12";
      pattern += atom + (may_repeat ? repeats[below(repeats.size())] : "");
      if (below(8) == 0) pattern += "|";
    }
    std::string spelled;
    for (const char c : pattern) spelled += c == '_' ? "(?:^|$|[ ,:{}()])" : std::string(1, c);
    const std::regex oracle(spelled);
    std::string text;
    for (std::size_t i = 0; i < below(7); ++i) text += "12 "[below(3)];
    EXPECT_EQ(matches(pattern, text), std::regex_search(text, oracle))
        << '"' << pattern << "\" on \"" << text << '"';
  }
}

}  // namespace
}  // namespace fabrix::policy
