#include "compiler/route_groups.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

std::vector<GroupId> sorted(std::vector<GroupId> ids) {
  std::ranges::sort(ids);
  return ids;
}

TEST(RouteGroups, AreFoundByTheirKeys) {
  RouteGroups groups;
  const GroupId one = groups.add({1, 2}, {router(1), router(2)});
  const GroupId two = groups.add({2, 1}, {router(2), router(1)});
  EXPECT_EQ(groups.find({1, 2}), one);
  EXPECT_EQ(groups.find({2, 1}), two);
  EXPECT_EQ(groups.find({1}), kNoGroup);
  groups.remove(one);
  EXPECT_EQ(groups.find({1, 2}), kNoGroup);
  EXPECT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups.all(), std::vector{two});
}

TEST(RouteGroups, AreFoundByTheirRoutersThroughRandomChanges) {
  RouteGroups groups;
  std::map<std::vector<std::uint64_t>, GroupId> plain;
  std::mt19937 random(3);
  for (int i = 0; i < 5'000; ++i) {
    exchange::RouteKey key;
    exchange::Routes routers;
    for (unsigned r = 0; r < 6; ++r) {
      if (random() % 3 != 0) continue;
      key.push_back(r);
      routers.push_back(router(r));
    }
    if (key.empty()) continue;
    if (const auto known = plain.find(key); known != plain.end()) {
      groups.remove(known->second);
      plain.erase(known);
    } else {
      plain[key] = groups.add(key, routers);
    }
    std::vector<GroupId> expected;
    for (const auto& [each, id] : plain) {
      const bool has = std::ranges::any_of(each, [](std::uint64_t r) { return r == 2 || r == 4; });
      if (has) expected.push_back(id);
    }
    const std::vector asked{router(2), router(4)};
    ASSERT_EQ(sorted(groups.with(asked)), sorted(expected));
  }
}

TEST(RouteGroups, FindMembersBySender) {
  RouteGroup group;
  group.members = {{participant(1), ClassId{7}}, {participant(4), ClassId{9}}};
  ASSERT_NE(group.member(participant(4)), nullptr);
  EXPECT_EQ(group.member(participant(4))->of(), ClassId{9});
  EXPECT_EQ(group.member(participant(2)), nullptr);
  EXPECT_EQ(group.member(participant(5)), nullptr);
}

}  // namespace
}  // namespace fabrix::compiler
