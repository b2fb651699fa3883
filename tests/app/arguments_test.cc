#include "app/arguments.h"

#include <gtest/gtest.h>

namespace fabrix::app {
namespace {

const Syntax kSyntax{.valued = {"--socket", "-c"}, .switches = {"--json", "--help"}};

using Words = std::vector<std::string>;

std::string error_of(const Words& words) {
  const auto parsed = Arguments::parse(words, kSyntax);
  return parsed ? "" : parsed.error().message;
}

TEST(ArgumentsTest, TakeOptionsAnywhereAmongTheWords) {
  const auto parsed = Arguments::parse(
      Words{"show", "--socket", "/a", "--json", "routes", "-c=x=y", "-", "->"}, kSyntax);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->words(), (Words{"show", "routes", "-", "->"}));
  EXPECT_EQ(parsed->value("--socket"), "/a");
  EXPECT_EQ(parsed->value("-c"), "x=y");
  EXPECT_TRUE(parsed->has("--json"));
  EXPECT_FALSE(parsed->has("--help"));
}

TEST(ArgumentsTest, HaveNoValueForWhatWasNotGiven) {
  const auto parsed = Arguments::parse(Words{}, kSyntax);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->words().empty());
  EXPECT_EQ(parsed->value("--socket"), std::nullopt);
}

TEST(ArgumentsTest, KnowShortForms) {
  const auto parsed = Arguments::parse(Words{"-j", "-h"}, kSyntax);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->has("--json"));
  EXPECT_TRUE(parsed->has("--help"));
  EXPECT_FALSE(Arguments::parse(Words{"-j"}, {.valued = {}, .switches = {}}));
}

TEST(ArgumentsTest, LetTheLastOfSeveralValuesHold) {
  EXPECT_EQ(Arguments::parse(Words{"--socket=a", "--socket", "b"}, kSyntax)->value("--socket"),
            "b");
  const auto all = Arguments::parse(Words{"--socket=a", "--socket", "b"}, kSyntax);
  EXPECT_EQ(all->values("--socket"), (Words{"a", "b"}));
  EXPECT_EQ(all->values("-c"), Words());
}

TEST(ArgumentsTest, EndOptionsAtTwoDashes) {
  const auto parsed = Arguments::parse(Words{"--", "--json", "-x"}, kSyntax);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->words(), (Words{"--json", "-x"}));
  EXPECT_FALSE(parsed->has("--json"));
}

TEST(ArgumentsTest, NameTheNearestKnownOption) {
  EXPECT_EQ(error_of({"--sockt", "x"}), "unknown option --sockt; did you mean --socket?");
  EXPECT_EQ(error_of({"--sockt=x"}), "unknown option --sockt; did you mean --socket?");
  EXPECT_EQ(error_of({"--frobnicate"}), "unknown option --frobnicate");
}

TEST(ArgumentsTest, RefuseMissingAndNeedlessValues) {
  EXPECT_EQ(error_of({"--socket"}), "--socket needs a value");
  EXPECT_EQ(error_of({"--socket", "--json"}), "--socket needs a value");
  EXPECT_EQ(error_of({"--json=yes"}), "--json takes no value");
  EXPECT_EQ(Arguments::parse(Words{"--socket=--json"}, kSyntax)->value("--socket"), "--json");
}

}  // namespace
}  // namespace fabrix::app
