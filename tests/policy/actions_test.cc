#include "policy/actions.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

// POLICY, "Grammar": mark is modify of the DSCP.
TEST(ActionsTest, MarkWritesTheDscp) {
  EXPECT_EQ(outbound("match(dstport=5060) >> mark(dscp=46) >> fwd(B)"),
            "dstport=5060 -> dscp:=46, B\n");
  EXPECT_EQ(outbound("mark(dscp=ef)"), outbound("modify(dscp=46)"));
  EXPECT_EQ(codes("outbound = mark(dscp=64)"), "P0205");
  EXPECT_EQ(codes("outbound = mark(dstport=80)"), "P0211");
  EXPECT_EQ(codes("outbound = mark()"), "P0211");
}

TEST(ActionsTest, BgpIsWhatIdentityDecides) {
  EXPECT_EQ(outbound("match(dstport=80) >> bgp // fwd(B)"), "dstport=80 -> default\nany -> B\n");
  EXPECT_EQ(outbound("match(dstport=80) >> bgp // fwd(B)"),
            outbound("match(dstport=80) >> identity // fwd(B)"));
}

TEST(ActionsTest, PoliceTakesARate) {
  EXPECT_EQ(outbound("match(dstport=53) >> police(5mbps) >> fwd(B)"),
            "dstport=53 -> police(5mbps), B\n");
  EXPECT_EQ(outbound("police(1500kbps)"), "any -> police(1500kbps), default\n");
  EXPECT_EQ(outbound("police(2gbps)"), "any -> police(2gbps), default\n");
  EXPECT_EQ(codes("let slow = 100kbps\noutbound = police(slow)"), "");
  EXPECT_EQ(codes("outbound = police(10)"), "P0204");
  EXPECT_EQ(codes("outbound = police(0mbps)"), "P0205");
  EXPECT_EQ(codes("outbound = police(5000gbps)"), "P0205");
  EXPECT_EQ(codes("outbound = police(10mbit)"), "P0003");
  EXPECT_EQ(codes("outbound = police()"), "P0211");
  EXPECT_EQ(codes("outbound = match(dstport=10mbps)"), "P0204");
}

std::vector<std::uint32_t> meters(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  for (const Clause& each : parsed(text).policy.outbound.clauses) {
    if (each.extras.police) numbers.push_back(each.extras.police->number);
  }
  return numbers;
}

TEST(ActionsTest, EachPoliceOfTheTextIsOneMeter) {
  EXPECT_EQ(meters("outbound = match(dstport=53) >> police(1mbps) >> fwd(B)"
                   " // match(dstport=80) >> police(1mbps) >> fwd(B)"),
            (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(meters("outbound = (match(dstport=53) >> fwd(B) // match(dstport=80) >> fwd(C))"
                   " >> police(1mbps)"),
            (std::vector<std::uint32_t>{0, 0}));
  EXPECT_EQ(meters("slow(r) = police(r)\n"
                   "outbound = match(dstport=53) >> slow(1mbps) // match(dstport=80) >> slow(1mbps)"
                   " // match(dstport=81) >> slow(2mbps)"),
            (std::vector<std::uint32_t>{0, 0, 1}));
}

TEST(ActionsTest, BoundsTheMeters) {
  std::string text = "outbound = drop";
  for (std::size_t i = 0; i < kMaxMeters; ++i) text += "\n  // police(1mbps)";
  EXPECT_EQ(codes(text), "");
  EXPECT_EQ(codes(text + "\n  // police(1mbps)"), "P0407");
}

TEST(ActionsTest, MirrorCopiesToOwnPortsOnly) {
  EXPECT_EQ(inbound("match(dstport=80) >> mirror(C2) >> fwd(C1)"),
            "dstport=80 -> mirror(c2), c1\n");
  EXPECT_EQ(outbound("mirror(A)"), "any -> mirror(a1), default\n");
  EXPECT_EQ(codes("inbound = mirror(C)", "C"), "P0312");
  const auto refused = reported("outbound = match(dstport=80) >> mirror(B) >> fwd(C)");
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0].code, "P0312");
  EXPECT_EQ(refused[0].message, "copies go to ports of 'A' only, and 'B' is another participant");
  EXPECT_EQ(refused[0].help, "ports: A1 (a1)");
}

TEST(ActionsTest, MulticastTakesTargetsOfTheDirection) {
  EXPECT_EQ(outbound("match(dstport=80) >> multicast(B, C)"), "dstport=80 -> multicast(B, C)\n");
  EXPECT_EQ(outbound("multicast(C, B, C)"), "any -> multicast(B, C)\n");
  EXPECT_EQ(outbound("multicast(B)"), "any -> B\n");
  EXPECT_EQ(inbound("multicast(C1, C2)"), "any -> multicast(c1, c2)\n");
  EXPECT_EQ(codes("outbound = multicast(B, D)"), "P0303");
  EXPECT_EQ(codes("outbound = multicast()"), "P0211");
  EXPECT_EQ(codes("final_policy = match(dstport=80) >> multicast(B, C1)", "C"), "P0305");
}

TEST(ActionsTest, FinalPolicySendsEachHalfItsOwn) {
  const auto both = parsed(
      "final_policy = (match(dstport=80) >> police(1mbps) >> fwd(B))"
      " + (match(dstport=80) >> mirror(C2) >> fwd(C1))",
      "C");
  EXPECT_EQ(clauses_of(both.policy.outbound, "C"), "dstport=80 -> police(1mbps), B\n");
  EXPECT_EQ(clauses_of(both.policy.inbound, "C"), "dstport=80 -> mirror(c2), c1\n");
}

// What only polices or mirrors composes with what stands beside it.
TEST(ActionsTest, PoliceAndMirrorComposeUnderPlus) {
  EXPECT_EQ(outbound("mirror(A1) + (match(dstport=80) >> fwd(B))"),
            "dstport=80 -> mirror(a1), B\nany -> mirror(a1), default\n");
  EXPECT_EQ(outbound("(match(srcport=53) >> police(1mbps)) + (match(dstport=80) >> fwd(B))"),
            "srcport=53, dstport=80 -> police(1mbps), B\n"
            "dstport=80 -> B\n"
            "srcport=53 -> police(1mbps), default\n");
  EXPECT_EQ(outbound("mirror(A1) + drop"), "any -> mirror(a1), drop\nany -> mirror(a1), default\n");
}

std::string sent_by_e(std::string_view expression) {
  return clauses_of(parsed("outbound = " + std::string(expression), "E").policy.outbound, "E");
}

TEST(ActionsTest, ViaGoesThroughAMiddleboxPortOfOnesOwn) {
  EXPECT_EQ(sent_by_e("match(dstport=80) >> via(port[1])"), "dstport=80 -> via(e2), default\n");
  EXPECT_EQ(sent_by_e("via(E2) + (match(dstport=25) >> drop)"),
            "dstport=25 -> drop\nany -> via(e2), default\n");
  EXPECT_EQ(sent_by_e("via(e3) >> police(1mbps)"), "any -> police(1mbps) via(e3), default\n");
  EXPECT_EQ(sent_by_e("via(E2) >> drop"), "any -> drop\n");
  EXPECT_EQ(codes("inbound = via(E3) >> fwd(E)", "E"), "");
}

TEST(ActionsTest, ViaNeedsAMiddleboxAndNothingElseMayGoThere) {
  EXPECT_EQ(codes("outbound = via(port[0])", "E"), "P0316");
  EXPECT_EQ(codes("outbound = via(E)", "E"), "P0316");
  EXPECT_EQ(codes("outbound = via(E2)"), "P0316");
  EXPECT_EQ(codes("outbound = via()", "E"), "P0211");
  EXPECT_EQ(codes("inbound = fwd(E2)", "E"), "P0314");
  EXPECT_EQ(codes("inbound = multicast(E1, E2)", "E"), "P0314");
  EXPECT_EQ(codes("outbound = mirror(E3)", "E"), "P0314");
}

TEST(ActionsTest, WhichMiddleboxIsFirstHasToBeSaid) {
  EXPECT_EQ(codes("outbound = via(E2) >> via(E3)", "E"), "");
  EXPECT_EQ(codes("outbound = via(E2) >> via(E3) >> via(E2)", "E"), "P0315");
  EXPECT_EQ(codes("outbound = via(E2, E3) + (match(dstport=80) >> via(E2))", "E"), "P0315");
  EXPECT_EQ(codes("outbound = via(E2) + via(E3)", "E"), "P0315");
  EXPECT_EQ(codes("outbound = via(E2) >> via(E2)", "E"), "");
  EXPECT_EQ(
      codes("outbound = (match(dstport=80) >> via(E2)) + (match(dstport=443) >> via(E3))", "E"),
      "");
}

}  // namespace
}  // namespace fabrix::policy
