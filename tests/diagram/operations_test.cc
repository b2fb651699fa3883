#include "diagram/operations.h"

#include <gtest/gtest.h>

#include "diagram/queries.h"
#include "diagram/ternary.h"
#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

// The laws of the algebra are tested through its front, in diagram_test.cc.

class OperationsTest : public ::testing::Test {
 protected:
  NodeId test(FieldIndex field, std::uint64_t low, std::uint64_t high, NodeId inside,
              NodeId outside) {
    const Interval interval{.low = low, .high = high};
    return split_node(table_, field, {&interval, 1}, inside, outside);
  }

  NodeTable table_{kSmallWidths};
  Operations operations_{table_};
};

TEST_F(OperationsTest, FillKeepsWhatHasBeenSaidEvenNoOpinion) {
  const NodeId said = test(0, 2, 3, kNoneNode, kHoleNode);
  const NodeId filled = operations_.fill(said, kTrueNode);
  EXPECT_EQ(filled, test(0, 2, 3, kNoneNode, kTrueNode));
  EXPECT_EQ(operations_.over(test(0, 2, 3, kTrueNode, kNoneNode), kTrueNode), kTrueNode);
}

TEST_F(OperationsTest, TheFirstOfARankedListHasPrecedence) {
  std::vector<NodeId> ranked;
  for (Leaf leaf = 0; leaf < 7; ++leaf) {
    ranked.push_back(test(0, leaf, 7, table_.leaf(leaf), kHoleNode));
  }
  EXPECT_EQ(operations_.fill(ranked), table_.leaf(0));
  std::ranges::reverse(ranked);
  const NodeId steps = operations_.fill(ranked);
  for (std::uint64_t value = 0; value < 8; ++value) {
    EXPECT_EQ(evaluate(table_, steps, Point{value, 0, 0, 0}), std::min<std::uint64_t>(value, 6));
  }
}

TEST_F(OperationsTest, ForgettingChangesNoResult) {
  const NodeId a = test(0, 1, 5, kTrueNode, kNoneNode);
  const NodeId b = test(2, 3, 9, kTrueNode, kNoneNode);
  const NodeId both = operations_.conjunction(a, b);
  operations_.forget();
  EXPECT_EQ(operations_.conjunction(b, a), both);
}

TEST_F(OperationsTest, CombineSeesBothLeavesEvenWhereOperandsAreEqual) {
  const NodeId a = test(1, 1, 2, table_.leaf(3), table_.leaf(4));
  EXPECT_EQ(operations_.combine(a, a, [](Leaf x, Leaf y) { return x * y; }),
            test(1, 1, 2, table_.leaf(9), table_.leaf(16)));
}

}  // namespace
}  // namespace fabrix::diagram
