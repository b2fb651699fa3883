#include "app/policy_judgement.h"

#include <gtest/gtest.h>

#include "exchange/load.h"
#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

class PolicyJudgementTest : public ::testing::Test {
 protected:
  Judgement judge_as_a(std::string_view text) {
    return judge(*exchange_, exchange_->find_participant("A")->id, text, "A.policy");
  }

  Result<exchange::Exchange, std::vector<Diagnostic>> exchange_ =
      exchange::load(testing::loopback_exchange(), "exchange.yaml");
};

TEST_F(PolicyJudgementTest, APolicyWithoutErrorsIsGiven) {
  const auto good = judge_as_a("outbound = match(dstport=80) >> fwd(B)\n");
  EXPECT_TRUE(good.diagnostics.empty());
  ASSERT_NE(good.policy, nullptr);
  EXPECT_EQ(good.policy->outbound.clauses.size(), 1U);
}

TEST_F(PolicyJudgementTest, TheLanguageAndTheCompilerAreBothHeard) {
  const auto unknown = judge_as_a("outbound = match(dstprt=80) >> fwd(B)\n");
  ASSERT_EQ(unknown.diagnostics.size(), 1U);
  EXPECT_EQ(unknown.diagnostics[0].code, "P0201");
  EXPECT_EQ(unknown.policy, nullptr);
  const auto overlap =
      judge_as_a("outbound = (match(dstport=80) >> fwd(B)) + (match(srcport=80) >> fwd(C))\n");
  ASSERT_EQ(overlap.diagnostics.size(), 1U);
  EXPECT_EQ(overlap.diagnostics[0].code, "P0301");
  EXPECT_EQ(overlap.policy, nullptr);
}

}  // namespace
}  // namespace fabrix::app
