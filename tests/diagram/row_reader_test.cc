#include "diagram/row_reader.h"

#include <array>

#include <gtest/gtest.h>

#include "diagram/operations.h"
#include "diagram/queries.h"
#include "diagram/ternary.h"
#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

// The leaf of the first row that matches.
Leaf first_match_of(const std::vector<Row>& rows, const Point& point) {
  const auto found = std::ranges::find_if(rows, [&](const Row& row) {
    return std::ranges::all_of(row.tests, [&](const TernaryTest& test) {
      return (point[test.field] & test.mask) == test.bits;
    });
  });
  return found == rows.end() ? kNone : found->leaf;
}

TEST(RowReaderTest, NoRowsMeanNothing) {
  NodeTable table(kSmallWidths);
  EXPECT_EQ(RowReader(table).read({}), kNoneNode);
}

TEST(RowReaderTest, TheFirstMatchCounts) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(20261121);
  NodeTable table(kSmallWidths);
  RowReader reader(table);
  int read = 0;
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    std::vector<Row> rows(random.below(12));
    for (Row& row : rows) {
      for (FieldIndex field = 0; field < kSmallFields; ++field) {
        const std::uint64_t mask = random.below(std::uint64_t{1} << kSmallWidths.at(field));
        if (mask == 0 || random.below(2) == 0) continue;
        row.tests.push_back({.field = field, .bits = random.below(16) & mask, .mask = mask});
      }
      row.leaf = static_cast<Leaf>(random.below(4));
    }
    const auto node = reader.read(rows);
    if (!node) continue;
    ++read;
    for (const Point& point : points) {
      ASSERT_EQ(evaluate(table, *node, point), first_match_of(rows, point));
    }
  }
  EXPECT_GT(read, 250);
}

// Row i needs the i-th bit and the last one: until the last bit is known each set of bits leaves
// other rows, and which of them counts is the same for most of these sets.
TEST(RowReaderTest, GivesUpWhereListsAreManyMoreThanNodes) {
  constexpr FieldIndex kBits = 20;
  std::vector<Row> rows;
  for (FieldIndex i = 0; i < kBits; ++i) {
    rows.push_back(
        {.tests = {{.field = i, .bits = 1, .mask = 1}, {.field = kBits, .bits = 1, .mask = 1}},
         .leaf = i + 2U});
  }
  const std::vector<unsigned> widths(kBits + 1, 1);
  NodeTable table(widths);
  RowReader reader(table);
  EXPECT_FALSE(reader.read(rows));
  Operations operations(table);
  const auto node = node_of_rows(table, operations, reader, rows);
  ASSERT_TRUE(node);
  RandomFunctions random(1);
  for (int i = 0; i < 1000; ++i) {
    Point point(kBits + 1);
    for (auto& bit : point) bit = random.below(2);
    ASSERT_EQ(evaluate(table, *node, point), first_match_of(rows, point));
  }
}

// As of a port that tells apart thousands of sources: each row tests the field, few match each
// value.
TEST(RowReaderTest, ManyBlocksOfOneFieldAreRead) {
  constexpr std::array<unsigned, 3> kWidths{2, 16, 2};
  std::vector<Row> rows;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    const TernaryTest block{.field = 1, .bits = i * 16, .mask = 0xfff0};
    for (const std::uint64_t first : {1U, 2U}) {
      rows.push_back({.tests = {{.field = 0, .bits = first, .mask = 3}, block},
                      .leaf = static_cast<Leaf>(1 + i % 2)});
    }
  }
  for (std::uint64_t last = 0; last < 4; ++last) {
    rows.push_back({.tests = {{.field = 2, .bits = last, .mask = 3}}, .leaf = 7});
  }
  NodeTable table(kWidths);
  const auto node = RowReader(table).read(rows);
  ASSERT_TRUE(node);
  EXPECT_EQ(evaluate(table, *node, Point{1, 16 * 1000 + 3, 0}), 1U);
  EXPECT_EQ(evaluate(table, *node, Point{2, 16 * 1001 + 3, 0}), 2U);
  EXPECT_EQ(evaluate(table, *node, Point{0, 16 * 1001 + 3, 2}), 7U);
}

}  // namespace
}  // namespace fabrix::diagram
