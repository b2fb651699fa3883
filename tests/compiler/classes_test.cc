#include "compiler/classes.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

ClassKey key(unsigned best) {
  return {.best = router(best), .units = {}};
}

// A group with prefixes of the family enters the class.
ClassId add(ClassTable& table, const ClassKey& to, net::Family family = net::Family::kIpv4) {
  const ClassId id = table.enter(to).value();
  table.add_user(id, family);
  return id;
}
void remove(ClassTable& table, ClassId id, net::Family family = net::Family::kIpv4) {
  table.remove_user(id, family);
  table.leave(id);
}

TEST(ClassTable, GroupsOfOneMeaningShareAClass) {
  ClassKeys all_keys;
  ClassTable table(all_keys);
  const ClassId first = add(table, key(1));
  EXPECT_EQ(add(table, key(1)), first);
  EXPECT_EQ(add(table, key(1), net::Family::kIpv6), first);
  EXPECT_NE(add(table, key(2)), first);
  EXPECT_EQ(table.all().size(), 2U);
  EXPECT_EQ(table[first].groups, 3U);
  EXPECT_EQ(table[first].users, (std::array<std::uint32_t, 2>{2, 1}));
}

TEST(ClassTable, AClassThatNobodyIsInStaysUntilItIsErased) {
  ClassKeys all_keys;
  ClassTable table(all_keys);
  const ClassId id = add(table, key(1));
  remove(table, id);
  EXPECT_EQ(table.take_unsettled(), std::vector{id});
  EXPECT_EQ(table.all(), std::vector{id});
  EXPECT_TRUE(table.unit_sets().empty());
  table.erase(id);
  EXPECT_TRUE(table.all().empty());
  EXPECT_EQ(all_keys.size(), 0U);
  EXPECT_EQ(add(table, key(3)), id);
}

TEST(ClassTable, TheNumberOfAKeyIsAsGoodAsTheKey) {
  ClassKeys all_keys;
  ClassTable table(all_keys);
  const KeyId id = all_keys.enter(key(1));
  const ClassId by_number = table.enter(id).value();
  EXPECT_EQ(table.enter(key(1)), by_number);
  EXPECT_EQ(table.key_of(by_number), key(1));
  EXPECT_EQ(all_keys[id].holders, 2U);
}

TEST(ClassTable, TellsWhenClassesComeOrGoButNotWhenTheyGrow) {
  ClassKeys all_keys;
  ClassTable table(all_keys);
  EXPECT_FALSE(table.take_changed());
  const ClassId id = add(table, key(1));
  EXPECT_TRUE(table.take_changed());
  EXPECT_TRUE(table.has_unsettled());
  EXPECT_FALSE(table.take_changed());
  add(table, key(1));
  EXPECT_FALSE(table.take_changed());
  add(table, key(1), net::Family::kIpv6);  // the first of its family
  EXPECT_TRUE(table.take_changed());
  remove(table, id);
  EXPECT_FALSE(table.take_changed());
}

std::vector<ClassKey> keys_of(const ClassTable& table, const std::vector<ClassId>& ids) {
  std::vector<ClassKey> keys;
  for (const ClassId id : ids) keys.push_back(table.key_of(id));
  return keys;
}

TEST(ClassTable, SettlesInAnOrderThatKeysDecide) {
  std::vector<std::vector<ClassKey>> orders;
  for (const bool backwards : {false, true}) {
    ClassKeys all_keys;
    ClassTable table(all_keys);
    for (unsigned i = 0; i < 20; ++i) add(table, key(backwards ? 19 - i : i));
    orders.push_back(keys_of(table, table.take_unsettled()));
    EXPECT_FALSE(table.has_unsettled());
  }
  EXPECT_EQ(orders[0].size(), 20U);
  EXPECT_EQ(orders[0], orders[1]);
}

TEST(ClassTable, FindsThoseWantedAndOthersEachOnceInAnOrderThatKeysDecide) {
  ClassKeys all_keys;
  ClassTable table(all_keys);
  const ClassId third = add(table, key(3));
  const ClassId second = add(table, key(2));
  const ClassId first = add(table, key(1));
  const auto order = table.take_unsettled();
  const auto wanted = [&table](ClassId id) { return table.key_of(id).best != router(1); };
  EXPECT_EQ(table.with({second, first}, wanted), order);
  EXPECT_EQ(table.with({second, first, third}, wanted), order);
  const auto two = table.with({}, wanted);
  EXPECT_EQ(two, table.with({third}, wanted));
  EXPECT_EQ(two.size(), 2U);
}

TEST(ClassTable, ListsEachSetOfUnitsOnce) {
  ClassKeys all_keys;
  ClassTable table(all_keys);
  const Units units{{{.participant = participant(1), .router = std::nullopt}, router(1)}};
  add(table, ClassKey{router(1), units});
  add(table, ClassKey{router(2), units});
  add(table, ClassKey{router(2), {}});
  EXPECT_EQ(table.unit_sets(), (std::vector<Units>{{}, units}));
}

}  // namespace
}  // namespace fabrix::compiler
