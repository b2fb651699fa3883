#include "diagram/first_match.h"

#include <gtest/gtest.h>

#include "diagram/operations.h"
#include "diagram/queries.h"
#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

// The leaf of the first case that holds.
Leaf first_match_of(const Store& store, const std::vector<Case>& cases, const Point& point) {
  const auto found = std::ranges::find_if(cases, [&](const Case& each) {
    return store.evaluate(each.when, point) == kTrue &&
           store.evaluate(each.besides, point) == kTrue;
  });
  return found == cases.end() ? kNone : found->leaf;
}

TEST(FirstMatchTest, NoCasesMeanNothing) {
  Store store(kSmallWidths);
  EXPECT_EQ(store.first_match({}), store.none());
}

TEST(FirstMatchTest, ACaseOfNoOpinionHidesThoseAfterIt) {
  Store store(kSmallWidths);
  const std::vector<Case> cases{{store.test(0, 0, 3), store.always(), kNone},
                                {store.always(), store.always(), 7}};
  EXPECT_EQ(store.evaluate(store.first_match(cases), Point{3, 0, 0, 0}), kNone);
  EXPECT_EQ(store.evaluate(store.first_match(cases), Point{4, 0, 0, 0}), 7U);
}

TEST(FirstMatchTest, TheFirstCaseThatHoldsCounts) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(20261122);
  Store store(kSmallWidths);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    std::vector<Case> cases(random.below(12));
    for (Case& each : cases) {
      each = {.when = random.predicate(3).build(store),
              .besides = random.below(2) == 0 ? store.always() : random.predicate(2).build(store),
              .leaf = static_cast<Leaf>(random.below(4))};
    }
    const Diagram all = store.first_match(cases);
    for (const Point& point : points) {
      ASSERT_EQ(store.evaluate(all, point), first_match_of(store, cases, point));
    }
  }
}

// Case i needs the i-th bit and the last one: until the last bit is known each set of bits leaves
// other cases, and which of them counts is the same for most of these sets.
TEST(FirstMatchTest, CombinesOneByOneWhereListsAreManyMoreThanNodes) {
  constexpr FieldIndex kBits = 20;
  const std::vector<unsigned> widths(kBits + 1, 1);
  Store store(widths);
  NodeTable table(widths);
  FirstMatch quick(table);
  std::vector<Case> cases;
  for (FieldIndex i = 0; i < kBits; ++i) {
    cases.push_back({.when = store.test(i, 1, 1),
                     .besides = store.test(kBits, 1, 1),
                     .leaf = i < kBits / 2 ? Leaf{7} : Leaf{8}});
  }
  const Diagram all = store.first_match(cases);
  Point point(kBits + 1, 0);
  EXPECT_EQ(store.evaluate(all, point), kNone);
  point[kBits - 1] = 1;
  EXPECT_EQ(store.evaluate(all, point), kNone);
  point[kBits] = 1;
  EXPECT_EQ(store.evaluate(all, point), 8U);
  point[0] = 1;
  EXPECT_EQ(store.evaluate(all, point), 7U);
}

}  // namespace
}  // namespace fabrix::diagram
