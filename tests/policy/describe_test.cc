#include "policy/describe.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

TEST(DescribeTest, SaysClausesAsTheirAuthorWould) {
  EXPECT_EQ(outbound("match(dstport=80) >> fwd(B)"), "dstport=80 -> B\n");
  EXPECT_EQ(outbound("match(srcip=10.0.0.0/8, dscp=46) >> drop"),
            "dscp=46, srcip=10.0.0.0/8 -> drop\n");
  EXPECT_EQ(outbound("match(dstip=2001:db8::/32) >> modify(dscp=10)"),
            "dstip=2001:db8::/32 -> dscp:=10, default\n");
  EXPECT_EQ(outbound("match(dstip=2001:db8::1) >> fwd(c2)"), "dstip=2001:db8::1 -> c2\n");
  EXPECT_EQ(outbound("match(dstip=2001:db8::/96) >> modify(dstip=2001:db8::7) >> fwd(B)"),
            "dstip=2001:db8::/96 -> dstip:=2001:db8::7, B\n");
  EXPECT_EQ(outbound("fwd(B)"), "any -> B\n");
}

TEST(DescribeTest, SaysMasksAsTheyAreWritten) {
  const auto said = [](const std::string& test) {
    return clauses_of(parsed("outbound = match(" + test + ") >> fwd(B)").policy.outbound);
  };
  EXPECT_EQ(said("tcp_flags=2&2"), "tcp_flags=2&2 -> B\n");
  EXPECT_EQ(said("tcp_flags=2&18"), "tcp_flags=2&18 -> B\n");
  EXPECT_EQ(said("dstport=80&255"), "dstport=80&255 -> B\n");
  EXPECT_EQ(said("dscp=0&1"), "dscp=0&1 -> B\n");
  // Few values are said one by one, and what only looks like a mask too.
  EXPECT_EQ(said("dstport={80, 82, 84, 86}"), "dstport={80, 82, 84, 86} -> B\n");
  EXPECT_EQ(said("dscp={0, 2, 4, 6, 8, 10, 12, 14, 17}"),
            "dscp={0, 2, 4, 6, 8, 10, 12, 14, 17} -> B\n");
}

TEST(DescribeTest, SaysConnectivesAndRoutes) {
  EXPECT_EQ(outbound("~match(dstport=80) >> fwd(B)"), "~(dstport=80) -> B\n");
  EXPECT_EQ(outbound("(match(protocol=tcp) | match(dscp=1)) >> fwd(B)"),
            "protocol=tcp | dscp=1 -> B\n");
  EXPECT_EQ(inbound("from(B) >> fwd(C1)"), "from(B) -> c1\n");
  EXPECT_EQ(outbound("match(srcmac=00:11:22:33:44:55) >> drop"),
            "srcmac=00:11:22:33:44:55 -> drop\n");
}

}  // namespace
}  // namespace fabrix::policy
