#include "analyzer/route.h"

#include <gtest/gtest.h>

#include "tests/analyzer/ask.h"

namespace fabrix::analyzer {
namespace {

TEST(Route, AnswersJsonAndText) {
  const auto json = json_answer({1, 2});
  EXPECT_EQ(json.status, 200U);
  EXPECT_EQ(json.headers.at(0), (http::Header{"Content-Type", "application/json"}));
  EXPECT_EQ(body_of(json), "[1,2]");
  EXPECT_EQ(body_of(text_answer("5")), "5");
}

TEST(Route, AnswersWhatCameOfIt) {
  EXPECT_EQ(done_or_why({}).status, 204U);
  EXPECT_EQ(done_or_why(fail(Error{"no"})).status, 400U);
  EXPECT_EQ(missing("flow", "f").status, 404U);
  EXPECT_EQ(milliseconds(std::chrono::microseconds(1999)), 1);
}

TEST(Route, FindsNamesInLists) {
  EXPECT_TRUE(is_listed("a", ""));
  EXPECT_TRUE(is_listed("a", "b,a"));
  EXPECT_FALSE(is_listed("a", "b,aa"));
}

}  // namespace
}  // namespace fabrix::analyzer
