#include "api/answer.h"

#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

TEST(AnswerTest, RefusalsHaveAKind) {
  const Answer answer = not_found("no such thing");
  ASSERT_FALSE(answer);
  EXPECT_EQ(name_of(answer.error().kind), "not-found");
  EXPECT_EQ(answer.error().error, "no such thing");
  EXPECT_EQ(name_of(Answer(bad_request("")).error().kind), "bad-request");
  EXPECT_EQ(name_of(RefusalKind::kRefused), "refused");
}

TEST(AnswerTest, SuggestsWhatWasProbablyMeant) {
  EXPECT_EQ(did_you_mean("a11", {"b1", "a1"}), "; did you mean a1?");
  EXPECT_EQ(did_you_mean("zebra", {"b1", "a1"}), "");
}

TEST(AnswerTest, ReadsWhatARequestSaysIfItIsOfTheRightType) {
  const boost::json::object request{{"a", "x"}, {"n", 7}, {"low", -1}, {"high", 1LL << 32U}};
  EXPECT_EQ(text_of(request, "a"), "x");
  EXPECT_EQ(text_of(request, "n"), std::nullopt);
  EXPECT_EQ(text_of(request, "b"), std::nullopt);
  EXPECT_EQ(number_of(request, "n"), 7U);
  EXPECT_EQ(number_of(request, "a"), std::nullopt);
  EXPECT_EQ(number_of(request, "low"), std::nullopt);
  EXPECT_EQ(number_of(request, "high"), std::nullopt);
}

}  // namespace
}  // namespace fabrix::api
