#include "compiler/classes.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

ClassKey key(unsigned best) {
  return {.best = router(best), .units = {}};
}

TEST(ClassTable, PrefixesOfOneMeaningShareAClass) {
  ClassTable table;
  table.assign(prefix("10.0.0.0/8"), key(1));
  table.assign(prefix("11.0.0.0/8"), key(1));
  table.assign(prefix("2001:db8::/32"), key(1));
  table.assign(prefix("12.0.0.0/8"), key(2));
  ASSERT_EQ(table.classes().size(), 2U);
  EXPECT_EQ(table.find(prefix("10.0.0.0/8")), table.find(prefix("2001:db8::/32")));
  EXPECT_EQ(table.classes().begin()->second.prefixes4, 2U);
  EXPECT_EQ(table.classes().begin()->second.prefixes6, 1U);
}

TEST(ClassTable, AClassGoesWithItsLastPrefix) {
  ClassTable table;
  table.assign(prefix("10.0.0.0/8"), key(1));
  table.assign(prefix("10.0.0.0/8"), key(2));
  EXPECT_EQ(table.classes().size(), 1U);
  table.assign(prefix("10.0.0.0/8"), std::nullopt);
  EXPECT_TRUE(table.classes().empty());
  EXPECT_EQ(table.find(prefix("10.0.0.0/8")), nullptr);
}

TEST(ClassTable, TellsWhenClassesComeOrGoButNotWhenTheyGrow) {
  ClassTable table;
  EXPECT_FALSE(table.take_changed());
  table.assign(prefix("10.0.0.0/8"), key(1));
  EXPECT_TRUE(table.take_changed());
  EXPECT_FALSE(table.take_changed());
  table.assign(prefix("11.0.0.0/8"), key(1));
  EXPECT_FALSE(table.take_changed());
  table.assign(prefix("2001:db8::/32"), key(1));  // the first of its family
  EXPECT_TRUE(table.take_changed());
  table.clear();
  EXPECT_TRUE(table.take_changed());
}

TEST(ClassTable, ListsEachSetOfUnitsOnce) {
  ClassTable table;
  const Units units{{{.participant = participant(1), .router = std::nullopt}, router(1)}};
  table.assign(prefix("10.0.0.0/8"), ClassKey{router(1), units});
  table.assign(prefix("11.0.0.0/8"), ClassKey{router(2), units});
  table.assign(prefix("12.0.0.0/8"), ClassKey{router(2), {}});
  EXPECT_EQ(table.unit_sets(), (std::vector<Units>{{}, units}));
}

}  // namespace
}  // namespace fabrix::compiler
