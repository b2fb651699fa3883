#include "policy/pattern_program.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

using Kind = PatternStep::Kind;

TEST(PatternProgramTest, OneStepForEachCharacterAndTheMatchLast) {
  const auto steps = pattern_steps("^1[23]$");
  ASSERT_TRUE(steps);
  ASSERT_EQ(steps->size(), 5U);
  EXPECT_EQ((*steps)[0].kind, Kind::kBegin);
  EXPECT_TRUE((*steps)[1].set.test('1'));
  EXPECT_EQ((*steps)[2].set.count(), 2U);
  EXPECT_EQ((*steps)[3].kind, Kind::kEnd);
  EXPECT_EQ((*steps)[4].kind, Kind::kMatch);
}

TEST(PatternProgramTest, JumpsStayInside) {
  for (const char* pattern : {"(1|2)*3", "(1?2+){2,4}|_5_", "((1*)*)*", "|", "()"}) {
    const auto steps = pattern_steps(pattern);
    ASSERT_TRUE(steps) << pattern;
    for (const PatternStep& step : *steps) {
      if (step.kind != Kind::kSplit) continue;
      EXPECT_LT(step.first, steps->size()) << pattern;
      EXPECT_LT(step.second, steps->size()) << pattern;
    }
  }
}

TEST(PatternProgramTest, IsBounded) {
  EXPECT_FALSE(pattern_steps("((1{60}){60})"));
  const auto large = pattern_steps("(1{20}){20}");
  ASSERT_TRUE(large);
  EXPECT_LE(large->size(), kMaxPatternSteps + 1);
}

}  // namespace
}  // namespace fabrix::policy
