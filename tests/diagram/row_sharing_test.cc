#include "diagram/row_sharing.h"

#include <gtest/gtest.h>

#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

Row row(std::vector<TernaryTest> tests, Leaf leaf) {
  return {.tests = std::move(tests), .leaf = leaf};
}

TEST(RowSharingTest, AGeneralRowReplacesItsSpecialCases) {
  std::vector<Row> rows{
      row({{0, 1, 7}, {1, 2, 3}}, 5),
      row({{0, 1, 7}, {2, 1, 15}}, 6),
      row({{0, 2, 7}, {1, 2, 3}}, 5),
      row({{0, 2, 7}, {2, 1, 15}}, 7),
      row({{1, 2, 3}}, 5),
      row({}, kNone),
  };
  share_rows(rows, nullptr);
  EXPECT_EQ(rows, (std::vector<Row>{row({{1, 2, 3}}, 5), row({{0, 1, 7}, {2, 1, 15}}, 6),
                                    row({{0, 2, 7}, {2, 1, 15}}, 7), row({}, kNone)}));
}

TEST(RowSharingTest, ARowStaysWhereMovingItWouldTakePointsFromAnother) {
  const std::vector<Row> rows{
      row({{0, 1, 7}, {1, 2, 3}}, 5),
      row({{0, 2, 7}}, 6),  // takes field 1 == 2 from the row below
      row({{1, 2, 3}}, 5),
      row({}, kNone),
  };
  std::vector<Row> shared = rows;
  share_rows(shared, nullptr);
  EXPECT_EQ(shared, rows);
}

TEST(RowSharingTest, KeepsTheMeaningOfRandomLists) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(20240604);
  std::size_t removed = 0;
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    std::vector<Row> rows(2 + random.below(12));
    for (Row& each : rows) {
      for (FieldIndex field = 0; field < kSmallFields; ++field) {
        if (random.below(2) == 0) continue;
        const std::uint64_t mask = 1 + random.below(3);
        each.tests.push_back({.field = field, .bits = random.below(4) & mask, .mask = mask});
      }
      each.leaf = static_cast<Leaf>(random.below(3));
    }
    rows.back().tests.clear();
    std::vector<Row> shared = rows;
    share_rows(shared, nullptr);
    removed += rows.size() - shared.size();
    EXPECT_TRUE(shared.back().tests.empty());
    for (const Point& point : points) {
      ASSERT_EQ(first_match(shared, point), first_match(rows, point));
    }
  }
  EXPECT_GT(removed, 100U);
}

}  // namespace
}  // namespace fabrix::diagram
