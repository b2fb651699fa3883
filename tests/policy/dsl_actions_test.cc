#include "policy/dsl_actions.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::dsl_test {
namespace {

// NOLINTNEXTLINE(google-build-using-namespace): what the header asks for.
using namespace policy::dsl;

void expect_same(const Sections& built, const std::string& text, std::string_view owner) {
  SCOPED_TRACE(text);
  const auto checked = check(built, "A", policy::world(owner));
  ASSERT_TRUE(checked) << policy::rendered(checked.error(), to_text(built));
  const auto parsed = policy::parsed(text, owner);
  for (const auto direction : {policy::Direction::kOutbound, policy::Direction::kInbound}) {
    EXPECT_EQ(policy::clauses_of(checked->policy.of(direction), owner),
              policy::clauses_of(parsed.policy.of(direction), owner));
  }
}

TEST(DslActionsTest, LimitAndCopyAsTheTextDoes) {
  expect_same({.outbound = (match(dstport = 53) >> police("5mbps") >> fwd("B")) +
                           (match(dstport = 443) >> multicast({"B", "C"}))},
              "outbound = (match(dstport=53) >> police(5mbps) >> fwd(B))"
              " + (match(dstport=443) >> multicast(B, C))",
              "A");
  expect_same({.inbound = parallel(mirror("C2"), match(dstport = 80) >> fwd("C1"))},
              "inbound = mirror(C2) + (match(dstport=80) >> fwd(C1))", "C");
  expect_same({.outbound = over(match(dstport = 80) >> mark(dscp = 46) >> bgp, drop)},
              "outbound = (match(dstport=80) >> mark(dscp=46) >> bgp) // drop", "A");
}

TEST(DslActionsTest, GoThroughMiddleboxesAsTheTextDoes) {
  expect_same({.outbound = match(dstport = 80) >> via("E2")},
              "outbound = match(dstport=80) >> via(E2)", "E");
  expect_same({.outbound = match(dstport = 80) >> via({"E2", "E3"})},
              "chain web = E2 >> E3\noutbound = match(dstport=80) >> via(web)", "E");
}

TEST(DslActionsTest, BalanceAsTheTextDoes) {
  expect_same({.outbound = (match(dstport = 80) >> balance({"B", "C"})) +
                           (match(dstport = 25) >> balance({"B", "C"}, srcip))},
              "outbound = (match(dstport=80) >> balance(B, C))"
              " + (match(dstport=25) >> balance(B, C, key=srcip))",
              "A");
}

TEST(DslActionsTest, CountAsTheTextDoes) {
  const auto labels = [](const policy::Policy& checked) {
    std::string all;
    for (const policy::Query& each : checked.outbound.queries) all += label_of(each) + " ";
    return all;
  };
  const auto checked =
      check({.outbound = (match(dstport = {80, 443}) >> count_packets("1s", {dstport}, "web")) +
                         (match(protocol = "udp") >> count_bytes("5m")) +
                         (match(dstport = 25) >> packets(1, {}, "mail")) +
                         (match(dstport = 80) >> fwd("B"))},
            "A", policy::world("A"));
  ASSERT_TRUE(checked);
  const auto parsed = policy::parsed(
      "outbound = (match(dstport={80, 443}) >> count_packets(1s, dstport) as web)"
      " + (match(protocol=udp) >> count_bytes(5m)) + (match(dstport=25) >> packets(1) as mail)"
      " + (match(dstport=80) >> fwd(B))");
  EXPECT_EQ(labels(checked->policy), labels(parsed.policy));
  EXPECT_EQ(checked->policy.outbound.queries.size(), 4U);
}

TEST(DslActionsTest, AreRefusedAsTheTextIs) {
  const auto code = [](const Policy& outbound) {
    const auto checked = check({.outbound = outbound}, "A", policy::world("A"));
    return checked ? "" : checked.error().front().code;
  };
  EXPECT_EQ(code(police("fast")), "P0204");
  EXPECT_EQ(code(police("10")), "P0204");
  EXPECT_EQ(code(multicast({})), "P0211");
}

}  // namespace
}  // namespace fabrix::dsl_test
