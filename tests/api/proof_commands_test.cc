#include "api/proof_commands.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/world.h"

namespace fabrix::api {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

class ProofCommandsTest : public ::testing::Test {
 protected:
  json::value verify() {
    EXPECT_TRUE(verify_command(world_.controller, {{"read", true}}));
    const auto answer = verify_command(world_.controller, {});
    EXPECT_TRUE(answer);
    return answer.value_or(json::value{});
  }
  static std::string text(const json::value& answer) {
    return std::string(answer.at("text").as_string());
  }

  testing::World world_;
};

TEST_F(ProofCommandsTest, ARightExchangeIsSaidToBeRight) {
  const auto answer = verify();
  EXPECT_TRUE(answer.at("right").as_bool());
  EXPECT_TRUE(answer.at("violations").as_array().empty());
  EXPECT_EQ(answer.at("checked").at("senders").to_number<int>(), 1);
  EXPECT_THAT(text(answer), HasSubstr("installed   right"));
  EXPECT_THAT(text(answer), HasSubstr("intended    right"));
}

TEST_F(ProofCommandsTest, WithoutAReadTheFabricIsUnknown) {
  const auto answer = verify_command(world_.controller, {});
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->at("right").as_bool());
  EXPECT_TRUE(answer->at("fabric").as_object().contains("error"));
}

TEST_F(ProofCommandsTest, AFabricWithOtherRulesIsWrong) {
  program::Program other = *world_.controller.installed();
  other.table(program::TableId::kOutbound).pop_back();
  world_.fabric.install(std::make_shared<const program::Program>(other), [](const auto&) {});
  const auto answer = verify();
  EXPECT_FALSE(answer.at("right").as_bool());
  EXPECT_THAT(text(answer), HasSubstr("installed   WRONG"));
  const auto& differences = answer.at("fabric").at("differences").as_array();
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences.front().at("kind").as_string(), "missing");
  EXPECT_TRUE(differences.front().at("is").is_null());
  EXPECT_THAT(std::string(differences.front().at("wanted").as_string()),
              ::testing::StartsWith("outbound "));
  EXPECT_THAT(text(answer), HasSubstr("missing     outbound "));
}

TEST_F(ProofCommandsTest, WhatAFabricDoesInsteadIsSaidWithAPacket) {
  program::Program other = *world_.controller.installed();
  for (program::Row& row : other.table(program::TableId::kOutbound)) {
    if (row.origin.kind == program::Origin::Kind::kOutboundClause) row.next = program::Discard{};
  }
  world_.fabric.install(std::make_shared<const program::Program>(other), [](const auto&) {});
  const auto answer = verify();
  EXPECT_FALSE(answer.at("right").as_bool());
  EXPECT_TRUE(answer.at("violations").as_array().empty()) << "what is meant is right";
  const auto& fabric = answer.at("fabric").as_object();
  EXPECT_EQ(fabric.at("differences").at(0).at("kind").as_string(), "different");
  EXPECT_FALSE(fabric.at("differences").at(0).at("clause").is_null());
  ASSERT_FALSE(fabric.at("violations").as_array().empty());
  EXPECT_FALSE(fabric.at("violations").at(0).at("witness").is_null());
  EXPECT_THAT(text(answer), HasSubstr("different   outbound "));
  EXPECT_THAT(text(answer), HasSubstr("  is: outbound "));
  EXPECT_THAT(text(answer), HasSubstr("  witness: "));
}

// What was installed since was never what the fabric was held against.
TEST_F(ProofCommandsTest, WhatHasBeenReplacedSinceIsNotJudged) {
  program::Program other = *world_.controller.installed();
  other.table(program::TableId::kOutbound).pop_back();
  world_.fabric.install(std::make_shared<const program::Program>(other), [](const auto&) {});
  EXPECT_TRUE(verify_command(world_.controller, {{"read", true}}));
  world_.controller.remove_policy(world_.exchange.find_participant("A")->id);
  world_.controller.settle({});
  const auto answer = verify_command(world_.controller, {});
  ASSERT_TRUE(answer);
  EXPECT_THAT(text(*answer), HasSubstr("other rules have been installed since it was read"));
  EXPECT_TRUE(answer->at("fabric").at("violations").as_array().empty());
}

TEST_F(ProofCommandsTest, SaysWhatAPolicyWouldDo) {
  const auto answer = what_if_command(
      world_.controller,
      {{"participant", "A"}, {"text", "outbound = match(dstport=443) >> fwd(C)\n"}});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->at("accepted").as_bool());
  EXPECT_EQ(answer->at("packets").as_array().size(), 1U);
  EXPECT_THAT(text(*answer), HasSubstr("A to 140.0.0.0/24: "));
  EXPECT_THAT(text(*answer), HasSubstr("verdict     right"));
}

TEST_F(ProofCommandsTest, SaysWhatAWithdrawalWouldDo) {
  const auto answer =
      what_if_command(world_.controller, {{"withdraw", "140.0.0.0/24"}, {"from", "B"}});
  ASSERT_TRUE(answer);
  EXPECT_THAT(text(*answer), HasSubstr("was sent to B (b1)\n      is  sent to C (c1)"));
}

TEST_F(ProofCommandsTest, BadRequestsSaySo) {
  const auto refused = [this](const json::object& request) {
    const auto answer = what_if_command(world_.controller, request);
    return answer ? std::string() : answer.error().error;
  };
  EXPECT_THAT(refused({}), HasSubstr("needs a participant"));
  EXPECT_THAT(refused({{"participant", "Z"}, {"text", ""}}), HasSubstr("no participant"));
  EXPECT_THAT(refused({{"withdraw", "x"}}), HasSubstr("is no prefix"));
  EXPECT_THAT(refused({{"withdraw", "140.0.0.0/24"}}), HasSubstr("from whom"));
  EXPECT_THAT(refused({{"withdraw", "8.8.8.0/24"}, {"from", "B"}}),
              HasSubstr("announces no route"));
  const auto wrong =
      what_if_command(world_.controller, {{"participant", "A"}, {"text", "outbound = match("}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, RefusalKind::kRefused);
  EXPECT_FALSE(wrong.error().diagnostics.empty());
}

}  // namespace
}  // namespace fabrix::api
