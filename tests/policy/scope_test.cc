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

}  // namespace
}  // namespace fabrix::policy
