#include "compiler/route_groups.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

// A word of the key for each router; alike but for those participants.
RouteGroup group_of(exchange::RouteKey key, std::vector<net::ParticipantId> others = {}) {
  RouteGroup made;
  for (const std::uint64_t word : key) made.routers.push_back(router(static_cast<unsigned>(word)));
  made.key = std::move(key);
  made.is_alike = true;
  made.others = std::move(others);
  return made;
}

TEST(RouteGroups, AreFoundByTheirKeys) {
  RouteGroups groups;
  const GroupId one = groups.add(group_of({1, 2}));
  const GroupId two = groups.add(group_of({2, 1}));
  EXPECT_EQ(groups.find({1, 2}), one);
  EXPECT_EQ(groups.find({2, 1}), two);
  EXPECT_EQ(groups.find({1}), kNoGroup);
  groups.remove(one);
  EXPECT_EQ(groups.find({1, 2}), kNoGroup);
  EXPECT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups.all(), std::vector{two});
}

// Of the groups with a route of one of two routers, those that shares cannot speak for are found;
// of no others is it said.
TEST(RouteGroups, ThatAreSpecialAreFoundThroughRandomChanges) {
  RouteGroups groups;
  std::map<std::vector<std::uint64_t>, GroupId> plain;
  std::mt19937 random(3);
  const std::vector changed{router(2), router(4)};
  const std::vector asked{router(0), router(2), router(4)};
  const net::ParticipantId sender = participant(7);
  for (int i = 0; i < 5'000; ++i) {
    exchange::RouteKey key;
    for (unsigned r = 0; r < 6; ++r) {
      if (random() % 3 == 0) key.push_back(r);
    }
    if (key.empty()) continue;
    if (const auto known = plain.find(key); known != plain.end()) {
      groups.remove(known->second);
      plain.erase(known);
    } else {
      RouteGroup made = group_of(key);
      if (random() % 4 == 0) made.others = {participant(3), sender};
      made.is_alike = random() % 4 != 0;
      plain[key] = groups.add(std::move(made));
    }
    const auto found = groups.special(changed, sender, asked);
    for (const auto& [key_of_group, id] : plain) {
      const auto& numbers = key_of_group;
      const auto has = [&numbers](std::uint64_t r) { return std::ranges::count(numbers, r); };
      const bool is_special = has(0) + has(2) + has(4) > 1 || !groups[id].is_alike ||
                              std::ranges::count(groups[id].others, sender) > 0;
      const auto times = std::ranges::count(found, id);
      ASSERT_LE(times, has(2) + has(4) > 0 ? 1 : 0);
      if (has(2) + has(4) > 0 && is_special) {
        ASSERT_EQ(times, 1);
      }
    }
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
