#include "base/budget.h"

#include <gtest/gtest.h>

namespace fabrix {
namespace {

TEST(BudgetTest, IsSpentForGoodByTheFirstThatAsksForTooMuch) {
  Budget budget(10);
  EXPECT_TRUE(budget.spend(4));
  EXPECT_EQ(budget.taken(), 4U);
  EXPECT_TRUE(budget.spend(6));
  EXPECT_FALSE(budget.is_spent());
  EXPECT_FALSE(budget.spend(1));
  EXPECT_TRUE(budget.is_spent());
  EXPECT_FALSE(budget.spend(0));
  EXPECT_EQ(budget.taken(), 10U);
}

}  // namespace
}  // namespace fabrix
