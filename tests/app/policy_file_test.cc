#include "app/policy_file.h"

#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

TEST(PolicyFileTest, ReadsAPolicyOfItsSubject) {
  const testing::Scratch scratch;
  scratch.write("exchange.yaml", testing::loopback_exchange("A.policy"));
  const auto file = scratch.write("A.policy", "outbound = drop\n");
  const std::vector<std::string> none;
  const auto arguments = Arguments::parse(none, {});
  Subjects subjects(*arguments);
  const auto subject = sole_subject(subjects, file);
  ASSERT_TRUE(subject);
  const auto read = read_policy(*subject, file);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->policy->outbound.clauses.size(), 1U);
  EXPECT_EQ(place_of(*read, {2, 3, 1}), file + ":2:3");
}

TEST(PolicyFileTest, SendsOnlyWhatJsonCanHave) {
  const testing::Scratch scratch;
  const auto good = text_to_send(scratch.write("good.policy", "outbound = drop  # f\u00fcr\n"));
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "outbound = drop  # f\u00fcr\n");
  const auto latin = text_to_send(scratch.write("latin.policy", "outbound = drop  # f\xfcr\n"));
  ASSERT_FALSE(latin);
  EXPECT_EQ(latin.error(), ExitCode::kBadInput);
  const auto absent = text_to_send(scratch / "none");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error(), ExitCode::kNotFound);
}

TEST(PolicyFileTest, NeedsOneOwner) {
  const testing::Scratch scratch;
  const auto file = scratch.write("A.policy", "outbound = drop\n");
  const std::vector<std::string> none;
  const auto arguments = Arguments::parse(none, {});
  Subjects subjects(*arguments);
  const auto nobody = sole_subject(subjects, file);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error(), ExitCode::kUsage);
  const auto absent = sole_subject(subjects, scratch / "none");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error(), ExitCode::kNotFound);
}

}  // namespace
}  // namespace fabrix::app
