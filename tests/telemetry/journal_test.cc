#include "telemetry/journal.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

struct Entry {
  std::uint64_t id = 0;
  int value = 0;
};

constexpr auto kAny = [](const Entry& /*entry*/) { return true; };

TEST(Journal, NumbersItsEntriesAndTellsTheNewestFirst) {
  Journal<Entry> journal;
  for (int i = 0; i < 5; ++i) journal.add({.value = i * 10});
  const auto two = journal.newest({}, 2, kAny);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].id, 4U);
  EXPECT_EQ(two[0].value, 40);
  EXPECT_EQ(two[1].id, 3U);
  EXPECT_EQ(journal.newest(3, 100, kAny).size(), 1U);
  EXPECT_TRUE(journal.newest(4, 100, kAny).empty());
  EXPECT_EQ(journal.newest({}, 100, [](const Entry& e) { return e.value == 10; }).size(), 1U);
}

TEST(Journal, ForgetsTheOldest) {
  Journal<Entry> journal;
  for (int i = 0; i < 1005; ++i) journal.add({.value = i});
  const auto all = journal.newest({}, 5000, kAny);
  ASSERT_EQ(all.size(), Journal<Entry>::kCapacity);
  EXPECT_EQ(all.back().id, 5U);
  EXPECT_EQ(journal.total(), 1005U);
}

}  // namespace
}  // namespace fabrix::telemetry
