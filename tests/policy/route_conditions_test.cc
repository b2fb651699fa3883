#include "policy/route_conditions.h"

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

std::string first(std::string_view condition) {
  const std::string text = "outbound = " + std::string(condition) + " >> fwd(B)\n";
  const auto all = reported(text);
  if (all.empty()) return "";
  return all.front().code + " " + all.front().message +
         (all.front().help.empty() ? "" : "; " + all.front().help);
}

TEST(RouteConditionsTest, SaysWhatIsWrong) {
  EXPECT_EQ(first("rib(comunity=64500:1)"),
            "P0221 a route has no test 'comunity'; did you mean 'community'?");
  EXPECT_EQ(first("rib(local_pref=100)"),
            "P0221 a route has no test 'local_pref'; LOCAL_PREF says nothing between networks: the "
            "exchange does not have it; med does");
  EXPECT_EQ(first("rib(as_path =~ '^(64500')"),
            "P0222 this pattern cannot be read: this '(' is not closed; docs/policy.md says what a "
            "pattern may have");
  EXPECT_EQ(first("rib(community=80)"),
            "P0204 'community' takes a community such as 64500:1, not '80'");
  EXPECT_EQ(first("rib(community=64500:1:2)"),
            "P0204 'community' takes a community such as 64500:1, not '64500:1:2'");
  EXPECT_EQ(first("rib(community=70000:1)"),
            "P0204 'community' takes a community such as 64500:1, not '70000:1'");
  EXPECT_EQ(first("rib(large_community=64500:1)"),
            "P0204 'large_community' takes a large community such as 64500:1:2, not '64500:1'");
  EXPECT_EQ(first("rib(rpki=good)"),
            "P0204 'rpki' takes one of valid, invalid, unknown, not 'good'");
  EXPECT_EQ(first("rib(prefix_len=129)"),
            "P0205 129 does not fit 'prefix_len', which is at most 128");
  EXPECT_EQ(first("rib(med=4294967296)"),
            "P0205 4294967296 does not fit 'med', which is at most 4294967295");
  EXPECT_EQ(first("rib(as_path='64500')"),
            "P0208 'as_path' is tested with '=~'; such as as_path =~ \"^64500_\"; as_path_len "
            "compares lengths");
  EXPECT_EQ(first("rib(med =~ '1')"),
            "P0208 'med' has no text to match; '=~' is for as_path and communities");
  EXPECT_EQ(first("rib(community!=64500:1)"),
            "P0208 '!=' does not compare with 'community'; a route has several: "
            "~rib(community=...) holds where none of them is it");
  EXPECT_EQ(first("rib(rpki<valid)"), "P0208 '<' does not compare with 'rpki'");
  EXPECT_EQ(first("rib(med in 9..1)"), "P0208 this range is empty: its first value is the larger");
  EXPECT_EQ(first("rib()"), "P0211 'rib' takes at least one test; such as rib(community=64500:1)");
  EXPECT_EQ(
      first("rib(prefix in prefixes(B))"),
      "P0204 'prefix in' takes prefixes that are written out; announced_by(T) tests whether T "
      "announces the destination");
}

TEST(RouteConditionsTest, PointsAtTheFaultInsideAPattern) {
  const std::string text = "outbound = rib(as_path =~ \"12[3\") >> fwd(B)\n";
  const auto all = reported(text);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(text.substr(all.front().at.column - 1, 1), "[");
}

TEST(RouteConditionsTest, DescribesWhatWasAsked) {
  EXPECT_EQ(outbound("rib(community=64500:1, as_path =~ '^1_', med<=99) >> fwd(B)"),
            "rib(community=64500:1, as_path =~ \"^1_\", med=0..99) -> B\n");
  EXPECT_EQ(outbound("(match(dstport=80) & ~src_rib(rpki=invalid)) >> fwd(B)"),
            "dstport=80, ~(src_rib(rpki=invalid)) -> B\n");
  EXPECT_EQ(outbound("best_via(C) >> fwd(B)"), "best_via(C) -> B\n");
  EXPECT_EQ(outbound("rib(prefix in [10.0.0.0/8, 2001:db8::/32]) >> drop"),
            "rib(prefix in [10.0.0.0/8, 2001:db8::/32]) -> drop\n");
}

TEST(RouteConditionsTest, NamesAndMacrosStandForValues) {
  const auto policy = parsed(
                          "let mine = [64500:1, 64500:2]\n"
                          "tagged(c) = rib(community in c)\n"
                          "outbound = tagged(mine) >> fwd(B)\n")
                          .policy;
  EXPECT_EQ(clauses_of(policy.outbound), "rib(community=64500:1..64500:2) -> B\n");
}

TEST(RouteConditionsTest, BestViaIsForWhatIsSent) {
  EXPECT_EQ(codes("inbound = best_via(B) >> fwd(C1)", "C"), "P0306");
  EXPECT_EQ(codes("outbound = best_via(Z) >> fwd(B)"), "P0202");
  EXPECT_EQ(codes("final_policy = best_via(C) >> fwd(B)"), "");
}

TEST(RouteConditionsTest, RoutesAreNotTestedForWrittenAddresses) {
  EXPECT_EQ(codes("outbound = modify(dstip=10.0.0.1) >> rib(med=1) >> fwd(B)"), "P0309");
  EXPECT_EQ(codes("outbound = modify(dstip=10.0.0.1) >> src_rib(med=1) >> fwd(B)"), "");
}

TEST(RouteConditionsTest, ManyDifferentQuestionsAreTooMany) {
  std::string text = "outbound = drop";
  for (int i = 0; i < 32; ++i) text += " // (rib(med=" + std::to_string(i) + ") >> fwd(B))";
  EXPECT_EQ(codes(text), "");
  text += " // (rib(med=32) >> fwd(B))";
  EXPECT_EQ(codes(text).substr(0, 5), "P0411");
}

// As steps have it, which a pattern takes many of, however it turns out.
TEST(RouteConditionsTest, ManyPatternsAreTooMuchToRead) {
  const auto patterns = [](int count) {
    std::string text = "outbound = ";
    for (int i = 0; i < count; ++i) {
      text +=
          (i == 0 ? "" : " // ") + ("(rib(as_path =~ '^" + std::to_string(i)) + "$') >> fwd(B))";
    }
    return codes(text);
  };
  EXPECT_EQ(patterns(40).find("P0412"), std::string::npos);
  EXPECT_NE(patterns(81).find("P0412"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::policy
