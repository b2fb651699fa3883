#include "policy/query_term.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

// "name: condition" of each counter, a line each.
std::string queries(std::string_view expression) {
  std::string text;
  for (const Query& each :
       parsed("outbound = " + std::string(expression)).policy.outbound.queries) {
    text += label_of(each) + ": " + describe(*each.when, world("A")) + "\n";
  }
  return text;
}

std::string codes_of(std::string_view expression) {
  return codes("outbound = " + std::string(expression));
}

TEST(QueryTermTest, StandsBesideThePolicyAndDecidesNothing) {
  const auto policy = parsed(
      "outbound = (match(dstport=80) >> fwd(B)) + (match(dstport=80) >> count_packets(1s) as web)");
  EXPECT_EQ(clauses_of(policy.policy.outbound), "dstport=80 -> B\n");
  ASSERT_EQ(policy.policy.outbound.queries.size(), 1U);
  const Query& query = policy.policy.outbound.queries.front();
  EXPECT_EQ(query.name, "web");
  EXPECT_EQ(query.counted, Counted::kPackets);
  EXPECT_EQ(query.interval, std::chrono::seconds(1));
  EXPECT_TRUE(policy.policy.inbound.queries.empty());
}

TEST(QueryTermTest, IsCalledByWhatItCountsIfItHasNoName) {
  EXPECT_EQ(queries("match(dstport=80) >> count_packets(1s)"),
            "count_packets(dstport=80): dstport=80\n");
  EXPECT_EQ(queries("count_bytes(5m)"), "count_bytes(any): any\n");
  EXPECT_EQ(queries("count_bytes(5m) as \"all.of-it\""), "all.of-it: any\n");
}

TEST(QueryTermTest, TakesPyreticsSeconds) {
  EXPECT_EQ(parsed("outbound = count_packets(10)").policy.outbound.queries.front().interval,
            std::chrono::seconds(10));
  EXPECT_EQ(parsed("outbound = count_packets(2h)").policy.outbound.queries.front().interval,
            std::chrono::hours(2));
}

TEST(QueryTermTest, BoundsTheInterval) {
  EXPECT_EQ(codes_of("count_packets(0)"), "P0321");
  EXPECT_EQ(codes_of("count_packets(500ms)"), "P0321");
  EXPECT_EQ(codes_of("count_packets(25h)"), "P0321");
  EXPECT_EQ(codes_of("count_packets(99999999999s)"), "P0321");
  EXPECT_EQ(codes_of("count_packets(24h)"), "");
}

TEST(QueryTermTest, NamesAreShortWords) {
  EXPECT_EQ(codes_of("count_packets(1s) as \"two words\""), "P0321");
  EXPECT_EQ(codes_of("count_packets(1s) as \"" + std::string(65, 'x') + "\""), "P0321");
  EXPECT_EQ(codes_of("count_packets(1s) as 5"), "P0101");
  EXPECT_EQ(codes("outbound = count_packets(1s)\nas = match(dstport=80)"), "P0114");
}

TEST(QueryTermTest, TakesFieldsAsPyreticWritesThem) {
  const auto query = [](const std::string& text) {
    return parsed("outbound = match(dstport={80, 443}) >> " + text).policy.outbound.queries.size();
  };
  EXPECT_EQ(query("count_packets(1, dstport)"), 2U);
  EXPECT_EQ(query("count_packets(1, ['dstport'])"), 2U);
  EXPECT_EQ(query("count_bytes(1, group_by=['dstport'])"), 2U);
  EXPECT_EQ(query("packets(1, [dstport])"), 2U);
  EXPECT_EQ(query("count_packets(1, [])"), 1U);
  EXPECT_EQ(codes_of("count_packets(1, [dstport)"), "P0102");
  EXPECT_EQ(codes_of("count_packets(1, [5])"), "P0101");
}

TEST(QueryTermTest, WantsAnIntervalAndFields) {
  EXPECT_EQ(codes_of("count_packets()"), "P0101");
  EXPECT_EQ(codes_of("count_packets"), "P0101");
  EXPECT_EQ(codes_of("count_packets(dstport)"), "P0101");
  EXPECT_EQ(codes_of("count_packets(1s, nofield)"), "P0201");
  EXPECT_EQ(codes_of("count_packets(1s, dscp, dscp)"), "P0323");
  EXPECT_EQ(codes_of("count_packets(1s, srcip)"), "P0323");
  EXPECT_EQ(codes_of("count_packets(1s, dscp, tos"), "P0102");
}

TEST(QueryTermTest, SeesPacketsBeforeTheyAreForwarded) {
  EXPECT_EQ(codes_of("match(dstport=80) >> fwd(B) >> count_packets(1s)"), "P0320");
  EXPECT_EQ(codes_of("(match(dstport=80) >> drop) >> (count_packets(1s) + identity)"), "P0320");
  EXPECT_EQ(codes_of("match(dstport=80) >> count_packets(1s) >> fwd(B)"), "P0320");
  EXPECT_EQ(codes_of("sequential(match(dstport=80), count_packets(1s), fwd(B))"), "P0320");
  EXPECT_EQ(codes_of("match(dstport=80) >> (count_packets(1s) + fwd(B))"), "");
  EXPECT_EQ(codes_of("match(dstport=80) >> (count_packets(1s) + identity) >> fwd(B)"), "");
}

TEST(QueryTermTest, IsNoPredicate) {
  EXPECT_EQ(codes_of("~count_packets(1s)"), "P0204");
  EXPECT_EQ(codes_of("match(dstport=80) & count_packets(1s)"), "P0204");
}

TEST(QueryTermTest, PacketsCountsTheFirstOfEach) {
  EXPECT_EQ(codes_of("match(dstport={80, 443}) >> packets(3, dstport)"), "");
  EXPECT_EQ(codes_of("packets()"), "");
  EXPECT_EQ(codes_of("packets(0)"), "P0321");
  EXPECT_EQ(codes_of("match(dstport=80) >> packets(1, srcip)"), "P0323");
}

TEST(QueryTermTest, WordsOfTheLanguageCannotBeDefined) {
  EXPECT_EQ(codes("count_packets = match(dstport=80)\noutbound = fwd(B)"), "P0210");
}

}  // namespace
}  // namespace fabrix::policy
