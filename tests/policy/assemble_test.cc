#include "policy/assemble.h"

#include <gtest/gtest.h>

#include "policy/parser.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

Assembly assembled(std::string_view text, Report& report) {
  const Lexed lexed = lex(text, report);
  return assemble(parse_file(lexed, Precedence::kPaper, report), world("C"), {}, report);
}

TEST(Assemble, MakesBothDirections) {
  Report report("");
  const Assembly result =
      assembled("outbound = match(dstport=80) >> fwd(B)\ninbound = fwd(C1)", report);
  EXPECT_FALSE(report.failed());
  EXPECT_EQ(result.policy.outbound.clauses.size(), 1U);
  EXPECT_EQ(result.policy.inbound.clauses.size(), 1U);
  EXPECT_NE(result.checked.inbound, nullptr);
}

TEST(Assemble, ADirectionOfWhichFinalPolicySaysNothingHasNoClauses) {
  Report report("");
  const Assembly result = assembled("final_policy = match(dstport=80) >> fwd(B)", report);
  EXPECT_EQ(result.policy.outbound.clauses.size(), 1U);
  EXPECT_TRUE(result.policy.inbound.clauses.empty());
}

TEST(Assemble, ASectionWithAnErrorHasNoClauses) {
  Report report("");
  const Assembly result = assembled("outbound = fwd(B)\ninbound = fwd(X)", report);
  EXPECT_TRUE(report.failed());
  EXPECT_TRUE(result.policy.inbound.clauses.empty());
}

}  // namespace
}  // namespace fabrix::policy
