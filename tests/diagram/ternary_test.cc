#include "diagram/ternary.h"

#include <gtest/gtest.h>

#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

constexpr std::uint64_t kMax = ~std::uint64_t{0};

TEST(TernaryTest, IntervalsHoldExactlyTheMatchingValues) {
  constexpr std::uint64_t kAll = 63;
  for (std::uint64_t mask = 0; mask <= kAll; ++mask) {
    for (std::uint64_t bits = 0; bits <= kAll; ++bits) {
      const auto intervals = intervals_of({.field = 0, .bits = bits, .mask = mask}, kAll);
      ASSERT_TRUE(intervals);
      std::vector<bool> covered(kAll + 1, false);
      std::uint64_t next_free = 0;
      for (const auto& [low, high] : *intervals) {
        ASSERT_TRUE(low >= next_free && low <= high && high <= kAll);
        next_free = high + 2;
        for (std::uint64_t value = low; value <= high; ++value) covered[value] = true;
      }
      for (std::uint64_t value = 0; value <= kAll; ++value) {
        ASSERT_EQ(covered[value], (value & mask) == bits);
      }
    }
  }
}

TEST(TernaryTest, WideMasksDoNotOverflow) {
  using Intervals = std::vector<Interval>;
  EXPECT_EQ(intervals_of({.mask = 0}, kMax), (Intervals{{0, kMax}}));
  EXPECT_EQ(intervals_of({.bits = kMax, .mask = kMax}, kMax), (Intervals{{kMax, kMax}}));
  EXPECT_EQ(intervals_of({.bits = 1, .mask = 1ULL << 63 | 1}, 7)->size(), 4U);
  EXPECT_EQ(intervals_of({.bits = 1ULL << 63, .mask = 1ULL << 63}, kMax),
            (Intervals{{1ULL << 63, kMax}}));
  EXPECT_EQ(intervals_of({.bits = 1ULL << 63, .mask = 1ULL << 63}, 7), Intervals{});
}

TEST(TernaryTest, MoreIntervalsThanAllowedAreNone) {
  EXPECT_EQ(intervals_of({.bits = 0, .mask = 1}, (1U << 13) - 1)->size(), kMaxIntervalsPerTest);
  EXPECT_FALSE(intervals_of({.bits = 0, .mask = 1}, (1U << 14) - 1));
  EXPECT_FALSE(intervals_of({.bits = 1, .mask = 1}, kMax));
}

TEST(TernaryTest, PrefixCountIsThatOfTheMinimalCover) {
  EXPECT_EQ(prefix_count({0, kMax}), 1U);
  EXPECT_EQ(prefix_count({kMax, kMax}), 1U);
  EXPECT_EQ(prefix_count({4321, 4322}), 2U);
  EXPECT_EQ(prefix_count({1, 65534}), 30U);
  EXPECT_EQ(prefix_count({1, kMax - 1}), 126U);
  EXPECT_EQ(prefix_count({0, kMax - 1}), 64U);
}

TEST(TernaryTest, RowsReadAsFirstMatch) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(20240612);
  Store store(kSmallWidths);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    std::vector<Row> rows(random.below(8));
    for (Row& row : rows) {
      for (FieldIndex field = 0; field < kSmallFields; ++field) {
        const std::uint64_t mask = random.below(std::uint64_t{1} << kSmallWidths.at(field));
        if (mask == 0) continue;
        row.tests.push_back({.field = field, .bits = random.below(16) & mask, .mask = mask});
      }
      row.leaf = static_cast<Leaf>(random.below(4));
    }
    const auto diagram = store.from_rows(rows);
    ASSERT_TRUE(diagram);
    for (const Point& point : points) {
      ASSERT_EQ(store.evaluate(*diagram, point), first_match(rows, point));
    }
  }
}

TEST(TernaryTest, RowsThatTakeTooManyIntervalsAreNoDiagram) {
  Store store(std::vector<unsigned>{64});
  const std::vector<Row> rows{{.tests = {{.field = 0, .bits = 1, .mask = 1}}, .leaf = 3}};
  EXPECT_FALSE(store.from_rows(rows));
  EXPECT_FALSE(store.ternary(rows.front().tests.front()));
}

}  // namespace
}  // namespace fabrix::diagram
