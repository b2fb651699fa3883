#include "app/policy_subject.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

class PolicySubjectTest : public ::testing::Test {
 protected:
  PolicySubjectTest() {
    std::filesystem::create_directories(scratch_ / "lab/policies");
    scratch_.write("lab/exchange.yaml", testing::loopback_exchange("policies/mine.policy"));
    file_ = scratch_.write("lab/policies/mine.policy", "outbound = fwd(B)\n");
    other_ = scratch_.write("lab/policies/other.policy", "outbound = fwd(B)\n");
  }

  static Arguments arguments(std::vector<std::string> words) {
    return *Arguments::parse(words, {.valued = {"--exchange", "--participant"}, .switches = {}});
  }

  testing::Scratch scratch_;
  std::string file_;
  std::string other_;
};

TEST_F(PolicySubjectTest, TakesTheExchangeAboveAndTheParticipantItGivesTheFileTo) {
  Subjects subjects(arguments({}));
  const auto subject = subjects.find(file_, "");
  ASSERT_TRUE(subject);
  EXPECT_EQ(subject->exchange_file, scratch_ / "lab/exchange.yaml");
  ASSERT_EQ(subject->owners.size(), 1U);
  EXPECT_EQ(subject->exchange->participant(subject->owners[0]).name, "A");
  EXPECT_EQ(subject->found, "A in " + subject->exchange_file);
  EXPECT_EQ(subject->missing, "");
}

TEST_F(PolicySubjectTest, FindsTheExchangeBesideAFileNamedAsItStandsInTheCurrentDirectory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(std::filesystem::path(file_).parent_path());
  Subjects subjects(arguments({}));
  const auto above = subjects.find("mine.policy", "");
  std::filesystem::current_path("..");
  const auto beside = subjects.find("some.policy", "policy B {\n}\n");
  std::filesystem::current_path(before);
  ASSERT_TRUE(above);
  EXPECT_EQ(above->exchange_file, scratch_ / "lab/exchange.yaml");
  EXPECT_EQ(above->owners.size(), 1U);
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->exchange_file, "exchange.yaml");
  EXPECT_EQ(beside->owners.size(), 1U);
}

TEST_F(PolicySubjectTest, ABlockNamesTheOwnerAndAnOptionGoesBeforeBoth) {
  Subjects subjects(arguments({}));
  const auto block = subjects.find(file_, "policy B {\n}\n");
  ASSERT_TRUE(block);
  EXPECT_EQ(block->exchange->participant(block->owners[0]).name, "B");
  Subjects told(arguments({"--participant", "C"}));
  const auto option = told.find(file_, "policy B {\n}\n");
  ASSERT_TRUE(option);
  EXPECT_EQ(option->exchange->participant(option->owners[0]).name, "C");
}

TEST_F(PolicySubjectTest, SaysWhatIsMissing) {
  Subjects subjects(arguments({}));
  const auto nobody = subjects.find(other_, "");
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(nobody->owners.empty());
  EXPECT_NE(nobody->missing.find("gives it to no participant"), std::string::npos);
  const auto nowhere = subjects.find(scratch_ / "mine.policy", "");
  ASSERT_TRUE(nowhere);
  EXPECT_EQ(nowhere->exchange, nullptr);
  EXPECT_NE(nowhere->missing.find("--exchange"), std::string::npos);
}

TEST_F(PolicySubjectTest, AStrangerAndABrokenExchangeAreErrors) {
  Subjects subjects(arguments({}));
  const auto stranger = subjects.find(file_, "policy Z {\n}\n");
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error(), ExitCode::kNotFound);
  scratch_.write("exchange.yaml", "version: 1\n");
  const auto broken = subjects.find(scratch_ / "x.policy", "");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error(), ExitCode::kBadConfig);
}

}  // namespace
}  // namespace fabrix::app
