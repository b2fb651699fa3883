#include "policy/scope.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

std::string clauses(std::string_view text) {
  return clauses_of(parsed(text).policy.outbound);
}

TEST(ScopeTest, ParametersHideDefinitions) {
  EXPECT_EQ(clauses("let p = 80\nf(p) = match(dstport=p)\noutbound = f(443) >> fwd(B)"),
            "dstport=443 -> B\n");
}

// An argument is looked up where it was written, not where it ends up.
TEST(ScopeTest, ArgumentsKeepTheirScope) {
  EXPECT_EQ(clauses("f(p, q) = match(dstport=p, srcport=q)\ng(p) = f(443, p)\n"
                    "outbound = g(80) >> fwd(B)"),
            "srcport=80, dstport=443 -> B\n");
}

TEST(ScopeTest, LoopVariablesNest) {
  EXPECT_EQ(clauses("outbound = parallel([parallel([match(srcport=a, dstport=b) >> fwd(B) "
                    "for b in [3, 5]]) for a in [1]])"),
            "srcport=1, dstport=3 -> B\nsrcport=1, dstport=5 -> B\n");
}

TEST(ScopeTest, ListsMayBeNamed) {
  EXPECT_EQ(clauses("peers = [B, C]\noutbound = parallel([fwd(x) for x in peers])"),
            "any -> B\nany -> C\n");
}

// Each of many uses goes through all of them.
TEST(ScopeTest, NamesThatStandForNamesTakeSteps) {
  std::string text = "a0 = match(dstport=80)\n";
  for (int i = 1; i < 2000; ++i) {
    text += "a" + std::to_string(i) + " = a" + std::to_string(i - 1) + "\n";
  }
  EXPECT_EQ(clauses(text + "outbound = a150 >> fwd(B)"), "dstport=80 -> B\n");
  text += "ports = 1\nb0 = ports\n";
  for (int i = 1; i < 2000; ++i) {
    text += "b" + std::to_string(i) + " = b" + std::to_string(i - 1) + "\n";
  }
  text += "outbound = match(dstport={b1999";
  for (int i = 0; i < 100; ++i) text += ", b1999";
  EXPECT_NE(codes(text + "}) >> fwd(B)").find("P0402"), std::string::npos);
}

TEST(ScopeTest, ListsOfListsHaveADepth) {
  std::string text = "l0 = [80]\n";
  for (int i = 1; i < 3000; ++i) {
    text += "l" + std::to_string(i) + " = [x for x in l" + std::to_string(i - 1) + "]\n";
  }
  const std::string use = "outbound = parallel([match(dstport=p) >> fwd(B) for p in ";
  EXPECT_EQ(clauses(text + use + "l20])"), "dstport=80 -> B\n");
  EXPECT_NE(codes(text + use + "l2999])").find("P0402"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::policy
