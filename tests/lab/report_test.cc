#include "lab/report.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace fabrix::lab {
namespace {

Outcome outcome(Verdict verdict) {
  Outcome result;
  result.verdict = verdict;
  result.line = 23;
  result.kind = "traffic";
  result.text = "a1: tcp x -> y arrives at b1";
  result.expected = "b1";
  result.seen = "b1";
  return result;
}

TEST(ReportTest, AnExpectationThatHoldsIsALineWithWhatWasSeen) {
  Outcome good = outcome(Verdict::kPassed);
  EXPECT_EQ(line_of(good), "  ok    a1: tcp x -> y arrives at b1\n");
  good.evidence = "65566 octets";
  EXPECT_EQ(line_of(good), "  ok    a1: tcp x -> y arrives at b1 (65566 octets)\n");
}

TEST(ReportTest, AFailureSaysWhatWasExpectedAndWhyItIsSo) {
  Outcome bad = outcome(Verdict::kFailed);
  bad.seen = "c1";
  bad.detail = "first\nsecond\n";
  EXPECT_EQ(line_of(bad),
            "  FAIL  a1: tcp x -> y arrives at b1: expected b1, saw c1 (lab.yaml:23)\n"
            "          first\n"
            "          second\n");
}

TEST(ReportTest, AChangeThatFailsSaysWhy) {
  Outcome bad = outcome(Verdict::kFailed);
  bad.expected.clear();
  bad.text = "b1 withdraws p";
  bad.seen = "no answer";
  EXPECT_EQ(line_of(bad), "  FAIL  b1 withdraws p: no answer (lab.yaml:23)\n");
}

TEST(ReportTest, ChangesAndNotesAreToldAndNotCounted) {
  const std::vector<Outcome> outcomes{outcome(Verdict::kPassed), outcome(Verdict::kPassed),
                                      outcome(Verdict::kFailed), outcome(Verdict::kDone),
                                      outcome(Verdict::kNote)};
  EXPECT_EQ(line_of(outcomes[3]), "  --    a1: tcp x -> y arrives at b1\n");
  EXPECT_EQ(line_of(outcomes[4]), "\n  a1: tcp x -> y arrives at b1\n");
  EXPECT_EQ(last_line(totals(outcomes)), "2 passed, 1 failed\n");
}

TEST(ReportTest, JsonHasOneObjectForEachCheck) {
  const std::vector<Outcome> outcomes{outcome(Verdict::kPassed), outcome(Verdict::kNote)};
  EXPECT_EQ(boost::json::serialize(to_json("small", outcomes)),
            R"({"lab":"small","passed":1,"failed":0,"checks":[{"line":23,"kind":"traffic",)"
            R"("text":"a1: tcp x -> y arrives at b1","verdict":"passed","ok":true,)"
            R"("milliseconds":0,"expected":"b1","seen":"b1"}]})");
}

}  // namespace
}  // namespace fabrix::lab
