#include "diagram/queries.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

TEST(QueriesTest, AWitnessIsARealDifference) {
  RandomFunctions random(20240610);
  Store store(kSmallWidths);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    const Policy a = random.policy();
    Policy b = a;
    b.back().leaf += 1;
    const Diagram built_a = build(a, store);
    const Diagram built_b = build(b, store);
    const auto witness = store.witness_of_difference(built_a, built_b);
    ASSERT_EQ(witness.has_value(), built_a != built_b);
    EXPECT_TRUE(!witness || evaluate(a, *witness) != evaluate(b, *witness));
  }
}

TEST(QueriesTest, FieldsThatDoNotMatterAreZeroInAWitness) {
  Store store(kSmallWidths);
  EXPECT_EQ(store.witness_of_difference(store.test(2, 5, 9), store.test(2, 5, 10)),
            (Point{0, 0, 10, 0}));
  EXPECT_EQ(store.witness_of_difference(store.none(), store.always()), (Point{0, 0, 0, 0}));
}

TEST(QueriesTest, PointsAreFoundForExactlyTheLeavesThatOccur) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(20240611);
  Store store(kSmallWidths);
  for (int round = 0; round < 100; ++round) {
    SCOPED_TRACE(round);
    const Policy policy = random.policy();
    const Diagram diagram = build(policy, store);
    std::set<Leaf> occurring;
    for (const Point& point : points) occurring.insert(evaluate(policy, point));
    EXPECT_EQ(store.leaves(diagram), std::vector<Leaf>(occurring.begin(), occurring.end()));
    for (Leaf leaf = 0; leaf < 6; ++leaf) {
      const auto found = store.find_point(diagram, [leaf](Leaf each) { return each == leaf; });
      ASSERT_EQ(found.has_value(), occurring.contains(leaf));
      EXPECT_TRUE(!found || evaluate(policy, *found) == leaf);
    }
  }
}

}  // namespace
}  // namespace fabrix::diagram
