#include "policy/chains.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

// What E sends.
std::string sent(std::string_view text) {
  return clauses_of(parsed(text, "E").policy.outbound, "E");
}

TEST(ChainsTest, AChainIsItsMiddleboxesInOrder) {
  const std::string both = "any -> via(e2, e3), default\n";
  EXPECT_EQ(sent("chain web = E2 >> E3\noutbound = via(web)\n"), both);
  EXPECT_EQ(sent("chain web = [E2, e3]\noutbound = via(web)\n"), both);
  EXPECT_EQ(sent("outbound = via(E2, E3)\n"), both);
  EXPECT_EQ(sent("outbound = via(E2 >> E3)\n"), both);
  EXPECT_EQ(sent("outbound = via([port[1], port[2]])\n"), both);
  EXPECT_EQ(sent("outbound = via(E2) >> via(E3)\n"), both);
  EXPECT_EQ(sent("outbound = via([E[i] for i in [1, 2]])\n"), both);
  EXPECT_EQ(sent("outbound = via(E3, E2)\n"), "any -> via(e3, e2), default\n");
  EXPECT_EQ(sent("chain one = E3\noutbound = via(one)\n"), "any -> via(e3), default\n");
}

TEST(ChainsTest, AChainMayGoOnAnotherAndAreInTheSameNamesAsDefinitions) {
  EXPECT_EQ(sent("let first = E2\nchain a = first\nchain all = a >> E3\noutbound = via(all)\n"),
            "any -> via(e2, e3), default\n");
  EXPECT_EQ(sent("let to(c) = match(dstport=80) >> via(c)\nchain a = E2 >> E3\noutbound = to(a)\n"),
            "dstport=80 -> via(e2, e3), default\n");
  EXPECT_EQ(codes("chain a = E2\nlet a = drop\n", "E"), "P0210");
  EXPECT_EQ(codes("chain fwd = E2\n", "E"), "P0210");
  EXPECT_EQ(codes("let chain = drop\n", "E"), "P0210");
}

TEST(ChainsTest, WhatIsWrongWithAChainIsSaidThoughNobodyGoesByIt) {
  EXPECT_EQ(codes("chain a = E2 >> E9\n", "E"), "P0202");
  EXPECT_EQ(codes("chain a = E2 >> E1\n", "E"), "P0316");
  EXPECT_EQ(codes("chain a = E2 >> C1\n", "E"), "P0316");
  EXPECT_EQ(codes("chain a = E2 >> E3 >> e2\n", "E"), "P0315");
  EXPECT_EQ(codes("chain b = E2\nchain a = b >> E3 >> b\n", "E"), "P0315");
  EXPECT_EQ(codes("chain a = E2 >> a\n", "E"), "P0209");
  EXPECT_EQ(codes("chain a = E2 >> b\nchain b = a\n", "E"), "P0209");
  EXPECT_EQ(codes("chain a = []\n", "E"), "P0204");
  EXPECT_EQ(codes("chain a = match(dstport=80)\n", "E"), "P0204");
  EXPECT_EQ(codes("chain a = E2 + E3\n", "E"), "P0204");
}

TEST(ChainsTest, AMistakeInAChainIsSaidOnceHoweverOftenItIsUsed) {
  EXPECT_EQ(codes("chain a = E2 >> e2\noutbound = via(a)\ninbound = via(a)\n", "E"), "P0315");
}

TEST(ChainsTest, AChainIsNoPolicyAndNoTarget) {
  EXPECT_EQ(codes("chain a = E2\noutbound = a\n", "E"), "P0204");
  EXPECT_EQ(codes("chain a = E2\noutbound = match(dstport=80) >> a\n", "E"), "P0204");
  EXPECT_EQ(codes("chain a = E2\ninbound = fwd(a)\n", "E"), "P0204");
  EXPECT_EQ(codes("outbound = chain(E2)\n", "E"), "P0203");
}

TEST(ChainsTest, TheStatementIsReadOnItsOwn) {
  EXPECT_EQ(codes("chain\noutbound = drop\n", "E"), "P0101");
  EXPECT_EQ(codes("chain a\noutbound = drop\n", "E"), "P0101");
  EXPECT_EQ(codes("chain a =\noutbound = drop\n", "E"), "P0101");
  EXPECT_EQ(codes("chain a = E2 E3\noutbound = drop\n", "E"), "P0103");
}

// An exchange in which E has so many middleboxes, e2 and on.
SymbolTable with_boxes(std::size_t count) {
  SymbolTable symbols = world("E");
  auto& ports = symbols.participants.back().ports;
  ports.resize(1);
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = static_cast<std::uint16_t>(i);
    ports.push_back({"e" + std::to_string(i + 2),
                     net::RouterId{static_cast<std::uint16_t>(number + 6)},
                     net::PortNo{100U + number}, true});
  }
  return symbols;
}

TEST(ChainsTest, AChainHasABound) {
  const auto of = [](std::size_t count, std::string_view text) {
    const auto result = parse(text, "E.policy", with_boxes(count));
    return result ? std::string() : result.error().front().code;
  };
  EXPECT_EQ(of(kMaxPassed, "outbound = via([E[i] for i in [1, 2, 3, 4, 5, 6, 7, 8]])"), "");
  EXPECT_EQ(of(kMaxPassed + 1, "outbound = via([E[i] for i in [1, 2, 3, 4, 5, 6, 7, 8, 9]])"),
            "P0408");
  EXPECT_EQ(of(kMaxPassed + 1, "outbound = via(e2, e3, e4, e5) >> via(e6, e7, e8, e9, e10)"),
            "P0408");
}

TEST(ChainsTest, DefinitionsOfChainsAreBounded) {
  std::string text = "chain c0 = E2\n";
  for (int i = 1; i < 200; ++i) {
    text += "chain c" + std::to_string(i) + " = c" + std::to_string(i - 1) + "\n";
  }
  EXPECT_EQ(codes(text, "E"), "P0402");
}

}  // namespace
}  // namespace fabrix::policy
