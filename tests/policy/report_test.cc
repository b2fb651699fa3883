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

}  // namespace
}  // namespace fabrix::policy
