#include "policy/elaborate.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

TEST(ElaborateTest, PrefixSetsAreComputedExactly) {
  EXPECT_EQ(outbound("dst_in([10.0.0.0/8] - [10.128.0.0/9]) >> fwd(B)"), "dstip=10.0.0.0/9 -> B\n");
  EXPECT_EQ(outbound("src_in({10.0.0.0/9} | {10.128.0.0/9}) >> fwd(B)"), "srcip=10.0.0.0/8 -> B\n");
  EXPECT_EQ(outbound("match_prefixes_set(set([10.0.0.0/8]) & [10.1.0.0/16]) >> drop"),
            "dstip=10.1.0.0/16 -> drop\n");
}

TEST(ElaborateTest, AnnouncedPrefixesAreConditions) {
  EXPECT_EQ(outbound("announced_by(B) >> fwd(C)"),
            "ethtype={ipv4, ipv6}, dst_in(prefixes(B)) -> C\n");
  EXPECT_EQ(outbound("dst_in(prefixes(B) | prefixes(C)) >> fwd(C)"),
            "ethtype={ipv4, ipv6}, dst_in(prefixes(B)) | "
            "ethtype={ipv4, ipv6}, dst_in(prefixes(C)) -> C\n");
  EXPECT_EQ(outbound("src_in(bgp_get_announced_routes(sdx, 'A')) >> fwd(C)"),
            "ethtype={ipv4, ipv6}, src_in(prefixes(A)) -> C\n");
}

TEST(ElaborateTest, ChoosesWithIf) {
  EXPECT_EQ(outbound("if_(match(dstport=80), fwd(B), fwd(C))"),
            "dstport=80 -> B\n~(dstport=80) -> C\n");
  EXPECT_EQ(outbound("if_(match(dstport=80), drop)"),
            "dstport=80 -> drop\n~(dstport=80) -> default\n");
}

TEST(ElaborateTest, CombinesLists) {
  EXPECT_EQ(outbound("union([match(dstport=80), match(dstport=81)]) >> fwd(B)"),
            "dstport=80 | dstport=81 -> B\n");
  EXPECT_EQ(outbound("intersection(match(dstport=80), match(srcport=1)) >> fwd(B)"),
            "srcport=1, dstport=80 -> B\n");
  EXPECT_EQ(outbound("sequential([match(dstport=80), fwd(B)])"), "dstport=80 -> B\n");
  EXPECT_EQ(outbound("parallel(match(dstport=80) >> drop, fwd(B))"),
            "dstport=80 -> drop\nany -> B\n");
}

TEST(ElaborateTest, FinalPolicySplitsByTarget) {
  const auto policy = parsed(
                          "final_policy = (match(dstport=80) >> fwd(B)) + drop + fwd(port[0])"
                          " + (from(B) >> fwd(a1))")
                          .policy;
  EXPECT_EQ(clauses_of(policy.outbound), "dstport=80 -> B\nany -> drop\n");
  EXPECT_EQ(clauses_of(policy.inbound), "any -> a1\nfrom(B) -> a1\n");
}

}  // namespace
}  // namespace fabrix::policy
