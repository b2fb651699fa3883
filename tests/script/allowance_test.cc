#include "script/allowance.h"

#include <gtest/gtest.h>

namespace fabrix::script {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Allowance::Time kStart = Allowance::Time() + std::chrono::hours(1);

TEST(Allowance, GivesSoMuchAtOnceAndSoMuchASecond) {
  Allowance allowance(2, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.take(kStart)) << i;
  EXPECT_FALSE(allowance.take(kStart));
  EXPECT_TRUE(allowance.take(kStart + milliseconds(500)));
  EXPECT_FALSE(allowance.take(kStart + milliseconds(500)));
  // No more than the whole of it, however long nothing is taken.
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(allowance.take(kStart + seconds(100))) << i;
  EXPECT_FALSE(allowance.take(kStart + seconds(100)));
}

TEST(Allowance, WaitsUntilWhatWasSpentIsMadeUpFor) {
  Allowance allowance(0.5, 1);
  EXPECT_EQ(allowance.wait(kStart), milliseconds(0));
  allowance.spend(3, kStart);
  const auto wait = allowance.wait(kStart);
  EXPECT_GT(wait, seconds(4));
  EXPECT_FALSE(allowance.has_any(kStart + seconds(4)));
  EXPECT_TRUE(allowance.has_any(kStart + wait));
  // Time does not go back.
  EXPECT_TRUE(allowance.has_any(kStart));
}

}  // namespace
}  // namespace fabrix::script
