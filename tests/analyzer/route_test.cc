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

}  // namespace
}  // namespace fabrix::analyzer
