#include "verify/report.h"

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using program::TableId;

std::string file_of(net::ParticipantId /*owner*/) {
  return "A.policy";
}

Violation black_hole(Walkthrough& walkthrough) {
  walkthrough.row_of(TableId::kOutbound, program::Origin::Kind::kOutboundClause, Walkthrough::kA)
      .next = program::Discard{};
  const auto violations = walkthrough.check();
  EXPECT_FALSE(violations.empty());
  return violations.at(0);
}

TEST(ReportTest, ARefusalNamesInvariantWitnessClauseAndRows) {
  Walkthrough walkthrough;
  const std::string text = render(black_hole(walkthrough), walkthrough.exchange, file_of);
  for (const std::string_view part :
       {"error[I4]: what A sends to ", " is dropped, and should be sent to ",
        "\n  --> A.policy:1:1, clause ", " of A's outbound policy\n", "\n  witness: tcp ",
        ", from a1 at port 1 to ", " -> egress=1 router=1 drop\n",
        "\n  help: I4 no blackhole: what BGP would deliver is delivered"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\nin\n" << text;
  }
}

TEST(ReportTest, TheLogHasItOnOneLine) {
  Walkthrough walkthrough;
  const std::string text = summary(black_hole(walkthrough), walkthrough.exchange, {});
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_TRUE(text.starts_with("I4 (no blackhole): what A sends")) << text;
  EXPECT_NE(text.find("; clause "), std::string::npos) << text;
}

TEST(ReportTest, EveryInvariantHasANameAndAMeaning) {
  for (int i = 1; i <= 13; ++i) {
    const std::string id = "I" + std::to_string(i);
    EXPECT_FALSE(name_of_invariant(id).empty()) << id;
    EXPECT_FALSE(meaning_of_invariant(id).empty()) << id;
  }
  EXPECT_TRUE(name_of_invariant("I14").empty());
}

}  // namespace
}  // namespace fabrix::verify
