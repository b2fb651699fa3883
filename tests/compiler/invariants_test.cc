#include "compiler/invariants.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::compiler {
namespace {

std::string broken(const std::string& text, std::string_view owner = "A") {
  const auto policy = policy::parsed(text, owner).policy;
  std::string out;
  for (const Diagnostic& each : check_invariants(policy, policy::world(owner), "A.policy")) {
    out += std::to_string(each.at.line) + ": " + each.message +
           (each.witness.empty() ? "" : " | " + each.witness) + "\n";
  }
  return out;
}

TEST(InvariantsTest, NeverForbidsWhatWouldHappenForSomeRoutes) {
  const std::string mail = "invariant no_mail: never match(dstport=25) >> fwd(B)\n";
  EXPECT_EQ(broken(mail + "outbound = match(dstport=80) >> fwd(B)\n"), "");
  EXPECT_EQ(broken(mail + "outbound = (match(srcport=1) >> fwd(C)) // fwd(B)\n"),
            "2: the invariant 'no_mail' in line 1 forbids this | tcp 100.0.0.1:1024 -> "
            "140.0.0.1:25: B\n");
  // Also as the second choice, with other writes, and to one of its ports.
  EXPECT_NE(broken(mail + "outbound = fwd(C) // fwd(B)\n"), "");
  EXPECT_NE(broken(mail + "outbound = modify(dscp=10) >> fwd(b1)\n"), "");
  EXPECT_EQ(broken(mail + "outbound = match(dstport=25) >> (fwd(C) // drop)\n"), "");
}

TEST(InvariantsTest, ACopyToAForbiddenTargetBreaksIt) {
  const std::string mail = "invariant no_mail: never match(dstport=25) >> fwd(B)\n";
  EXPECT_NE(broken(mail + "outbound = multicast(B, C)\n"), "");
  EXPECT_EQ(broken(mail + "outbound = match(dstport=80) >> multicast(B, C)\n"), "");
  EXPECT_NE(broken(mail + "outbound = police(1mbps) >> fwd(B)\n"), "");
  const std::string seen = "invariant unseen: never match(dstport=25) >> mirror(A1)\n";
  EXPECT_NE(broken(seen + "outbound = mirror(A1) >> fwd(B)\n"), "");
  EXPECT_EQ(broken(seen + "outbound = match(dstport=80) >> mirror(A1) >> fwd(B)\n"), "");
}

TEST(InvariantsTest, NeverMayForbidDroppingAndLeavingToBgp) {
  EXPECT_EQ(broken("invariant kept: never drop\noutbound = match(dstport=25) >> drop\n"),
            "2: the invariant 'kept' in line 1 forbids this | tcp 100.0.0.1:1024 -> 140.0.0.1:25: "
            "drop\n");
  EXPECT_EQ(
      broken("invariant all: never match(dstport=25)\noutbound = match(dstport=80) >> drop\n"),
      "1: the invariant 'all' forbids this | tcp 100.0.0.1:1024 -> 140.0.0.1:25 is left to BGP\n");
  EXPECT_EQ(
      broken("invariant all: never match(dstport=25)\noutbound = match(dstport=25) >> drop\n"), "");
}

TEST(InvariantsTest, AlwaysWantsTheSameRankByRank) {
  const std::string web = "invariant web: always match(dstport=80) >> (fwd(B) // drop)\n";
  EXPECT_EQ(broken(web + "outbound = match(dstport=80/443) >> (fwd(B) // drop)\n"), "");
  EXPECT_EQ(broken(web + "outbound = match(dstport=80) >> fwd(B)\n"),
            "1: the invariant 'web' wants something else | tcp 100.0.0.1:1024 -> 140.0.0.1:80 is "
            "left to BGP\n");
  EXPECT_NE(broken(web + "outbound = (match(srcip=10.0.0.0/8) >> fwd(C)) // (match(dstport=80) >> "
                         "(fwd(B) // drop))\n"),
            "");
}

TEST(InvariantsTest, WhatForwardsToOwnPortsIsAboutWhatIsReceived) {
  const std::string text = "invariant in: never from(B) >> fwd(C1)\n";
  EXPECT_EQ(broken(text + "inbound = from(A) >> fwd(C1)\n", "C"), "");
  EXPECT_EQ(broken(text + "inbound = match(dstport=80) >> fwd(C1)\n", "C"),
            "2: the invariant 'in' in line 1 forbids this | tcp 100.0.0.1:1024 -> 140.0.0.1:80 "
            "from B: c1\n");
}

TEST(InvariantsTest, PredicatesAreComparedAsSets) {
  const std::string text = "let web = match(dstport={80, 443})\n";
  EXPECT_EQ(broken(text + "invariant i: match(dstport=80) <= web\n"), "");
  EXPECT_EQ(broken(text + "invariant i: web == match(dstport=443) | match(dstport=80)\n"), "");
  EXPECT_EQ(broken(text + "invariant i: web != match(dstport=443)\n"), "");
  EXPECT_EQ(broken(text + "invariant i: web <= match(dstport=80)\n"),
            "2: the invariant 'i' does not hold: the sides differ | tcp 100.0.0.1:1024 -> "
            "140.0.0.1:443 is only in the left side\n");
  EXPECT_EQ(broken(text + "invariant i: match(dstport=80) == web\n"),
            "2: the invariant 'i' does not hold: the sides differ | tcp 100.0.0.1:1024 -> "
            "140.0.0.1:443 is only in the right side\n");
  EXPECT_EQ(broken(text + "invariant i: web & match(protocol=udp) != web - ~match(protocol=udp)\n"),
            "2: the invariant 'i' does not hold: both sides are the same packets\n");
}

TEST(InvariantsTest, IsolatedForbidsForwardingEitherWay) {
  const std::string text = "invariant apart: isolated(C1, B)\n";
  EXPECT_EQ(
      broken(text + "outbound = match(inport=4) >> fwd(B)\ninbound = from(B) >> fwd(C2)\n", "C"),
      "");
  EXPECT_NE(broken(text + "outbound = match(dstport=80) >> fwd(B)\n", "C"), "");
  EXPECT_EQ(broken(text + "inbound = match(dstport=80) >> fwd(C1)\n", "C"),
            "2: the invariant 'apart' in line 1 forbids this | tcp 100.0.0.1:1024 -> 140.0.0.1:80 "
            "from B: c1\n");
  EXPECT_EQ(policy::codes("invariant apart: isolated(A, B)", "C"), "P0305");
}

TEST(InvariantsTest, ConditionsOnRoutesMayHoldOrNot) {
  EXPECT_EQ(
      broken(
          "invariant i: never match(dstport=25) >> fwd(B)\noutbound = announced_by(C) >> fwd(B)\n"),
      "2: the invariant 'i' in line 1 forbids this | tcp 100.0.0.1:1024 -> 140.0.0.1:25, where "
      "dst_in(prefixes(C)): B\n");
  EXPECT_EQ(broken("invariant i: always announced_by(B) >> fwd(B)\noutbound = dst_in(prefixes(B)) "
                   ">> fwd(B)\n"),
            "");
}

TEST(InvariantsTest, MistakesInOneAreSaid) {
  EXPECT_EQ(policy::codes("invariant x never drop"), "P0101");
  EXPECT_EQ(policy::codes("invariant x: match(dstport=80)"), "P0101");
  EXPECT_EQ(policy::codes("invariant x: match(dstport=80) <= drop"), "P0204");
  EXPECT_EQ(policy::codes("invariant x: never match(dstprt=80)"), "P0201");
  EXPECT_EQ(policy::codes("invariant x: never drop\ninvariant x: never drop"), "P0210");
  EXPECT_EQ(policy::codes("invariant x: isolated(A B)\noutbound = match(dstprt=80) >> drop"),
            "P0101 P0201");
}

}  // namespace
}  // namespace fabrix::compiler
