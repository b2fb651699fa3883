#include "policy/clause_counters.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "policy/simplify.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

constexpr const char* kPragma = "#pragma count = clauses\n";

Policy counted(const std::string& text) {
  return parsed(kPragma + text).policy;
}

// The labels of both directions, a line each.
std::string labels(const std::string& text) {
  const Policy policy = counted(text);
  std::string all;
  for (const Direction direction : {Direction::kOutbound, Direction::kInbound}) {
    for (const Clause& each : policy.of(direction).clauses) {
      all += (each.counter == nullptr ? "none" : each.counter->label) + "\n";
    }
  }
  return all;
}

std::uint64_t id_of(const std::string& text, std::size_t clause) {
  return counted(text).outbound.clauses.at(clause).counter->id;
}

TEST(ClauseCountersTest, EachClauseHasOneWithThePragma) {
  const std::string text = "outbound = (match(dstport=80) >> fwd(B)) + (match(dstport=25) >> drop)";
  EXPECT_EQ(labels(text), "dstport=80 -> B\ndstport=25 -> drop\n");
  EXPECT_TRUE(counted(text).counts_clauses);
  const Policy without = parsed(text).policy;
  EXPECT_FALSE(without.counts_clauses);
  for (const Clause& each : without.outbound.clauses) EXPECT_EQ(each.counter, nullptr);
}

TEST(ClauseCountersTest, ACounterIsTheSameWhileTheClauseSaysTheSame) {
  const std::uint64_t web = id_of("outbound = match(dstport=80) >> fwd(B)", 0);
  EXPECT_EQ(id_of("outbound = (match(dstport=25) >> fwd(C)) // (match(dstport=80) >> fwd(B))", 1),
            web);
  EXPECT_NE(id_of("outbound = match(dstport=80) >> fwd(C)", 0), web);
  EXPECT_NE(id_of("outbound = match(dstport=81) >> fwd(B)", 0), web);
  EXPECT_EQ(web >> 63U, 0U);
}

TEST(ClauseCountersTest, DirectionsAndClausesThatSayTheSameAreToldApart) {
  const Policy policy =
      counted("outbound = match(dstport=80) >> drop\ninbound = match(dstport=80) >> drop");
  EXPECT_NE(policy.outbound.clauses[0].counter->id, policy.inbound.clauses[0].counter->id);

  Policy twice = policy;
  twice.outbound.clauses.push_back(twice.outbound.clauses[0]);
  count_clauses(twice, world("A"));
  EXPECT_EQ(twice.outbound.clauses[0].counter->id, policy.outbound.clauses[0].counter->id);
  EXPECT_NE(twice.outbound.clauses[1].counter->id, policy.outbound.clauses[0].counter->id);
  EXPECT_EQ(twice.outbound.clauses[1].counter->label,
            twice.outbound.clauses[0].counter->label + " #2");
}

TEST(ClauseCountersTest, LongOnesAreCalledByHowTheyBeginAndANumber) {
  std::string ports;
  for (int i = 0; i < 64; ++i) ports += (i == 0 ? "" : ", ") + std::to_string(1000 + 2 * i);
  const Policy policy = counted("outbound = (match(dstport={" + ports +
                                "}) >> fwd(B)) // (match(dstport={" + ports + "}) >> fwd(C))");
  std::set<std::string> all;
  for (const Clause& each : policy.outbound.clauses) {
    EXPECT_LT(each.counter->label.size(), 100U);
    all.insert(each.counter->label);
  }
  EXPECT_EQ(all.size(), policy.outbound.clauses.size());
}

TEST(ClauseCountersTest, OneThatNeverAppliesHasNone) {
  Policy policy = counted("outbound = match(dstport=80) >> fwd(B)");
  policy.outbound.clauses[0].counter = nullptr;
  policy.outbound.clauses[0].when = negation(always());
  count_clauses(policy, world("A"));
  EXPECT_EQ(policy.outbound.clauses[0].counter, nullptr);
}

TEST(ClauseCountersTest, OfAPolicyWithFsmsInAllOfItsStates) {
  const auto policy = counted(
      "event attack : bool\n"
      "fsm gate { var bad : bool\n on attack { bad = value }\n"
      "policy = case { bad -> drop; else -> identity } }\n"
      "outbound = gate >> match(dstport=80) >> fwd(B)");
  ASSERT_FALSE(policy.outbound.clauses.empty());
  for (const Clause& each : policy.outbound.clauses) {
    EXPECT_EQ(each.counter == nullptr, is_never(*each.when));
  }
  ASSERT_FALSE(policy.foreseen.empty());
  for (const Clause& each : policy.foreseen) EXPECT_NE(each.counter, nullptr);
}

}  // namespace
}  // namespace fabrix::policy
