#include "policy/report.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

TEST(ReportTest, KeepsEqualDiagnosticsOnceAndInTextOrder) {
  Report report("x.policy");
  report.warning("P0307", {2, 1, 1}, "later");
  report.error("P0201", {1, 1, 1}, "earlier");
  report.error("P0201", {1, 1, 1}, "earlier");
  EXPECT_TRUE(report.failed());
  const auto all = report.take();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].message, "earlier");
  EXPECT_EQ(all[0].file, "x.policy");
}

TEST(ReportTest, IsBoundedButNeverLosesTheFirstError) {
  Report report("x.policy");
  for (std::uint32_t i = 0; i < 2 * kMaxDiagnostics; ++i) report.note("P0111", {i + 1, 1, 1}, "n");
  EXPECT_FALSE(report.failed());
  report.error("P0201", {1, 1, 1}, "e");
  const auto all = report.take();
  EXPECT_EQ(all.size(), kMaxDiagnostics + 2);
  EXPECT_TRUE(has_error(all));
}

TEST(ReportTest, TellsOnceWhereTheWorkBecameTooMuch) {
  Report report("x.policy", 10);
  EXPECT_TRUE(report.spend(10, {1, 1, 1}));
  EXPECT_FALSE(report.failed());
  EXPECT_FALSE(report.spend(1, {2, 5, 3}));
  EXPECT_FALSE(report.spend(1, {3, 1, 1}));
  const auto all = report.take();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].code, "P0412");
  EXPECT_EQ(all[0].at, (SourceSpan{2, 5, 3}));
  EXPECT_FALSE(all[0].witness.empty());
  EXPECT_FALSE(all[0].help.empty());
}

// What is spent beside it is spent, and told by whoever asks for more.
TEST(ReportTest, SharesItsStepsWithReportsAside) {
  Report report("x.policy", 10);
  Report unheard = report.aside();
  EXPECT_FALSE(unheard.spend(11, {2, 1, 1}));
  EXPECT_FALSE(report.failed());
  EXPECT_TRUE(report.is_spent());
  EXPECT_FALSE(report.spend(0, {}));
  const auto all = report.take();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at.line, 2U);
  EXPECT_EQ(all[0].file, "x.policy");
}

}  // namespace
}  // namespace fabrix::policy
