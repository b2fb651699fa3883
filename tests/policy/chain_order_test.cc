#include "policy/chain_order.h"

#include <string>

#include <gtest/gtest.h>

#include "policy/simplify.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

TEST(ChainOrderTest, WhatIsSentPassesItsMiddleboxesInOneOrder) {
  const std::string there = "(match(dstport=80) >> via(E2, E3))";
  EXPECT_EQ(codes("outbound = " + there + " + (match(dstport=25) >> via(E3, E2))", "E"), "P0318");
  EXPECT_EQ(codes("outbound = " + there + " + (match(dstport=25) >> via(E3))", "E"), "");
  EXPECT_EQ(codes("outbound = " + there + " + (match(dstport=25) >> via(E2))", "E"), "");
  EXPECT_EQ(codes("outbound = " + there + "\ninbound = via(E3, E2)", "E"), "")
      << "what is received is another matter";
}

TEST(ChainOrderTest, WhatIsReceivedGoesOnAlikeBehindAMiddlebox) {
  const std::string there = "(match(dstport=80) >> via(E2, E3))";
  EXPECT_EQ(codes("inbound = " + there + " + (match(dstport=25) >> via(E2))", "E"), "P0319");
  EXPECT_EQ(codes("inbound = " + there + " + (match(dstport=25) >> via(E3, E2))", "E"), "P0319");
  EXPECT_EQ(codes("inbound = " + there + " + (match(dstport=25) >> via(E3))", "E"), "");
  EXPECT_EQ(codes("inbound = " + there + " + via(E2, E3)", "E"), "");
  EXPECT_EQ(codes("inbound = via(E2, E3)\noutbound = via(E2)", "E"), "");
}

Extras by_way_of(std::vector<net::RouterId> via) {
  Extras extras;
  extras.via = std::move(via);
  return extras;
}

std::string codes_of(std::vector<std::vector<net::RouterId>> sent) {
  Policy policy;
  for (auto& each : sent) {
    policy.outbound.clauses.push_back({always(), {}, UseDefault{}, {}, by_way_of(std::move(each))});
  }
  const SymbolTable symbols = world("E");
  Report report("E.policy");
  ChainOrder(symbols, report).add(policy);
  std::string codes;
  for (const Diagnostic& each : report.take()) codes += each.code + " ";
  return codes;
}

TEST(ChainOrderTest, ARoundOfAnyLengthIsFound) {
  constexpr auto kId = [](std::uint16_t number) { return net::RouterId{number}; };
  EXPECT_EQ(codes_of({{kId(1), kId(2)}, {kId(2), kId(3)}, {kId(3), kId(1)}}), "P0318 ");
  EXPECT_EQ(codes_of({{kId(1), kId(2), kId(3)}, {kId(1), kId(3)}, {kId(2), kId(3)}}), "");
  EXPECT_EQ(codes_of({{kId(1), kId(2)}, {kId(3), kId(4)}, {kId(2), kId(3)}, {kId(4), kId(1)}}),
            "P0318 ");
}

TEST(ChainOrderTest, AChainThatEndsEarlyIsWarnedOf) {
  EXPECT_EQ(codes("outbound = match(inport=6, dstport=80) >> via(E2, E3)", "E"), "P0324");
  EXPECT_EQ(codes("outbound = match(inport={6, 8}) >> via(E2, E3)", "E"), "P0324");
  EXPECT_EQ(codes("outbound = match(inport={6, 7}) >> via(E2, E3)", "E"), "");
  EXPECT_EQ(codes("outbound = match(inport!=6) >> via(E2, E3)", "E"), "");
  EXPECT_EQ(codes("outbound = match(inport=6) >> via(E2)", "E"), "") << "the last may be another's";
}

constexpr std::string_view kGate = R"(
event alarm : bool
fsm gate %s {
  var hot : bool = false
  on alarm { hot = value }
  policy = case {
    hot == true -> via(%s)
    else -> via(%s)
  }
}
%s = gate
)";

std::string gate(std::string_view per, std::string_view on, std::string_view off,
                 std::string_view section) {
  std::string text(kGate);
  for (const std::string_view each : {per, on, off, section})
    text.replace(text.find("%s"), 2, each);
  return text;
}

TEST(ChainOrderTest, StatesOfOneInstanceAreNotInForceTogether) {
  EXPECT_EQ(codes(gate("", "E2, E3", "E2", "inbound"), "E"), "");
  EXPECT_EQ(codes(gate("per srcip", "E2, E3", "E2", "inbound"), "E"), "P0319");
  EXPECT_EQ(codes(gate("per match(dstport=80)", "E2, E3", "E2", "inbound"), "E"), "P0319");
  EXPECT_EQ(codes(gate("", "E2, E3", "E3, E2", "outbound"), "E"), "");
  EXPECT_EQ(codes(gate("per srcip", "E2, E3", "E3, E2", "outbound"), "E"), "P0318");
}

}  // namespace
}  // namespace fabrix::policy
