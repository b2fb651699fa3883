#include "routeserver/catchup.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

TEST(EntrySetTest, GivesEachEntryOnce) {
  EntrySet entries;
  for (const std::uint32_t value : {5U, 64U, 63U, 5U, 100'000U}) entries.insert(EntryId{value});
  EXPECT_EQ(entries.size(), 4U);
  std::set<EntryId> taken;
  while (!entries.empty()) taken.insert(entries.take());
  EXPECT_EQ(taken, (std::set{EntryId{5}, EntryId{63}, EntryId{64}, EntryId{100'000}}));
}

TEST(EntrySetTest, AgreesWithASet) {
  constexpr unsigned kSeed = 4;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  EntrySet entries;
  std::set<EntryId> expected;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 || expected.empty()) {
      const EntryId entry{static_cast<std::uint32_t>(random() % 500)};
      entries.insert(entry);
      expected.insert(entry);
    } else {
      ASSERT_EQ(expected.erase(entries.take()), 1U);
    }
    ASSERT_EQ(entries.size(), expected.size());
    ASSERT_EQ(entries.empty(), expected.empty());
  }
}

}  // namespace
}  // namespace fabrix::routeserver
