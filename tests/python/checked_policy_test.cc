#include "python/checked_policy.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/python/python_world.h"

namespace fabrix::python {
namespace {

constexpr const char* kWeb = "tcp 100.0.0.1:40000 -> 140.0.0.1:80";

CheckedPolicy checked(const std::string& text) {
  auto result = CheckedPolicy::check(world(), "A", text, "A.policy");
  EXPECT_TRUE(result) << to_text(tl::unexpected(result.error()));
  return *std::move(result);
}

net::Packet packet(const std::string& text) {
  return *make_packet(text, {});
}

std::string decision(const CheckedPolicy& policy, const CheckedPolicy::Question& question) {
  return to_text(policy.evaluate(question));
}

TEST(CheckedPolicyTest, DecidesAsTheFirstClauseThatApplies) {
  const auto policy =
      checked("outbound = (match(dstport=80) >> modify(dstport=8080) >> fwd(B)) // fwd(C)");
  CheckedPolicy::Question question{.packet = packet(kWeb)};
  EXPECT_EQ(decision(policy, question),
            R"({"ok":{"packet":"tcp 100.0.0.1:40000 -> 140.0.0.1:8080","writes":true,)"
            R"("target":"B","decision":"forward","number":1,)"
            R"("clause":"dstport=80 -> dstport:=8080, B"}})");
  question.reachable = {"C"};
  EXPECT_EQ(policy.evaluate(question)->at("target"), "C");
  question.reachable.emplace();
  EXPECT_TRUE(policy.evaluate(question)->at("decision").is_null());
  question.direction = policy::Direction::kInbound;
  EXPECT_TRUE(policy.evaluate(question)->at("clause").is_null());
}

TEST(CheckedPolicyTest, KnowsSendersAndAnnouncements) {
  const auto policy = checked(
      "outbound = announced_by(B) >> drop\n"
      "inbound = (from(B) >> drop) + (from(C) >> identity)");
  CheckedPolicy::Question out{.packet = packet(kWeb)};
  EXPECT_TRUE(policy.evaluate(out)->at("decision").is_null());
  out.announced["B"] = {"140.0.0.0/16"};
  EXPECT_EQ(policy.evaluate(out)->at("decision"), "drop");
  CheckedPolicy::Question in{.direction = policy::Direction::kInbound, .packet = packet(kWeb)};
  EXPECT_TRUE(policy.evaluate(in)->at("decision").is_null());
  in.sender = "B";
  EXPECT_EQ(policy.evaluate(in)->at("decision"), "drop");
  in.sender = "C";
  EXPECT_EQ(policy.evaluate(in)->at("decision"), "default");
}

TEST(CheckedPolicyTest, RefusesQuestionsAboutNobody) {
  const auto policy = checked("outbound = fwd(B)");
  CheckedPolicy::Question question{.packet = packet(kWeb), .sender = "X"};
  EXPECT_NE(decision(policy, question).find("no participant is called 'X'"), std::string::npos);
  question = {.packet = packet(kWeb), .reachable = {{"Y"}}};
  EXPECT_NE(decision(policy, question).find("'Y'"), std::string::npos);
  question = {.packet = packet(kWeb), .announced = {{"B", {"140.0.0.1/16"}}}};
  EXPECT_NE(decision(policy, question).find("'140.0.0.1/16'"), std::string::npos);
}

TEST(CheckedPolicyTest, ListsItsClausesAndWarnings) {
  const auto policy = checked(
      "outbound = match(dstport=80) >> fwd(B) + match(dstport=443) >> fwd(C)\ninbound = drop");
  const auto clauses = policy.clauses();
  ASSERT_EQ(clauses.size(), 3U);
  EXPECT_EQ(clauses[1].at("clause"), "dstport=443 -> C");
  EXPECT_EQ(clauses[2].at("direction"), "inbound");
  ASSERT_EQ(policy.warnings().size(), 1U);
  EXPECT_EQ(policy.warnings().front().at("code"), "P0302");
  EXPECT_NE(policy.warning_text().find("P0302"), std::string::npos);
}

TEST(CheckedPolicyTest, FailsWithAllThatIsWrong) {
  const auto wrong = CheckedPolicy::check(world(), "A", "outbound = fwd(X) + fwd(Y)", "A.policy");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().diagnostics.size(), 2U);
  EXPECT_EQ(wrong.error().source, "outbound = fwd(X) + fwd(Y)");
  const auto nobody = CheckedPolicy::check(world(), "a", "outbound = drop", "A.policy");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().message, "no participant is called 'a'; did you mean A?");
}

TEST(MakePacketTest, SetsFieldsThatTheTextHasNoWordsFor) {
  const auto packet = make_packet(kWeb, {{"dscp", 46}, {"tcp_flags", 18}});
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->dscp, 46);
  EXPECT_EQ(packet->tcp_flags, 18);
  EXPECT_EQ(packet->dst_port, 80);
  EXPECT_EQ(make_packet(kWeb, {{"dscp", 64}}).error().message,
            "64 does not fit dscp, which is at most 63");
  EXPECT_EQ(make_packet(kWeb, {{"srcip", 1}}).error().message, "a packet has no number 'srcip'");
  EXPECT_FALSE(make_packet("tcp", {}));
}

}  // namespace
}  // namespace fabrix::python
