#include "api/time_text.h"

#include <gtest/gtest.h>

namespace fabrix::api {
namespace {

TEST(TimeTextTest, IsRfc3339InUtcWithMicroseconds) {
  // NOLINTNEXTLINE(google-build-using-namespace): for its literals and operators.
  using namespace std::chrono;
  const system_clock::time_point moment = sys_days(2026y / May / 4d) + 10h + 11min + 12s + 34us;
  EXPECT_EQ(time_text(moment), "2026-05-04T10:11:12.000034Z");
  EXPECT_EQ(time_text(system_clock::time_point{}), "1970-01-01T00:00:00.000000Z");
}

}  // namespace
}  // namespace fabrix::api
