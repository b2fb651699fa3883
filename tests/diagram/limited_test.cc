#include <gtest/gtest.h>

#include "base/budget.h"
#include "diagram/diagram.h"

namespace fabrix::diagram {
namespace {

constexpr unsigned kPairs = 10;

// Whether pairs of fields agree, all first ones before all second ones: a node for each way that
// the first ones may be.
Diagram all_agree(Store& store) {
  Diagram all = store.always();
  for (FieldIndex i = 0; i < kPairs; ++i) {
    const auto other = static_cast<FieldIndex>(kPairs + i);
    const Diagram both = store.conjunction(store.test(i, 1, 1), store.test(other, 1, 1));
    const Diagram none = store.conjunction(store.test(i, 0, 0), store.test(other, 0, 0));
    all = store.conjunction(all, store.disjunction(both, none));
  }
  return all;
}

constexpr std::array<unsigned, std::size_t{2} * kPairs> kBits{1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                                              1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

TEST(LimitedTest, OperationsStopWhereItIsSpent) {
  Store store(kBits);
  Budget budget(2000);
  {
    const Limited limited(store, budget);
    all_agree(store);
  }
  EXPECT_TRUE(budget.is_spent());
  EXPECT_LT(store.size(), 1000U) << "of more than ten thousand";
  EXPECT_FALSE(store.is_spent()) << "there is no budget any more";
}

// What was given up is not remembered: made again without a bound it is what it should be.
TEST(LimitedTest, NothingOfWhatWasGivenUpIsRemembered) {
  Store unbounded(kBits);
  const std::size_t nodes = unbounded.node_count(all_agree(unbounded));
  Store store(kBits);
  for (const std::uint64_t steps : {1U, 10U, 100U, 500U, 1000U, 2000U}) {
    Budget budget(steps);
    const Limited limited(store, budget);
    all_agree(store);
    ASSERT_TRUE(budget.is_spent()) << steps;
  }
  const Diagram all = all_agree(store);
  EXPECT_EQ(store.node_count(all), nodes);
  for (std::uint64_t value = 0; value < 1U << kPairs; value += 37) {
    Point point(kBits.size());
    for (std::size_t i = 0; i < kPairs; ++i) point[i] = point[kPairs + i] = value >> i & 1U;
    EXPECT_EQ(store.evaluate(all, point), kTrue);
    point[kPairs + value % kPairs] ^= 1U;
    EXPECT_EQ(store.evaluate(all, point), kNone);
  }
}

TEST(LimitedTest, TheSameWorkTakesTheSameSteps) {
  std::uint64_t taken = 0;
  for (int round = 0; round < 2; ++round) {
    Store store(kBits);
    Budget budget(10'000'000);
    const Limited limited(store, budget);
    store.rows(all_agree(store), 100'000);
    EXPECT_FALSE(budget.is_spent());
    EXPECT_EQ(budget.taken(), round == 0 ? budget.taken() : taken);
    taken = budget.taken();
  }
}

// Rows, first matches, rewriting: each stops, and none breaks at what means nothing.
TEST(LimitedTest, EverythingStopsAtAnyStep) {
  for (std::uint64_t steps = 0; steps < 60'000; steps = steps * 5 / 4 + 1) {
    Store store(kBits);
    Budget budget(steps);
    const Limited limited(store, budget);
    const Diagram all = all_agree(store);
    const std::vector<Case> cases{{all, store.test(3, 1, 1), 5},
                                  {store.complement(all), store.always(), 6}};
    const Diagram first = store.first_match(cases);
    const Diagram mapped = store.map(first, [](Leaf leaf) { return leaf + 1; });
    store.cofactor(mapped, 2, 1);
    store.combine(first, mapped, [](Leaf a, Leaf b) { return a + b; });
    const auto rows = store.rows(first, 100'000);
    EXPECT_NE(rows.has_value(), budget.is_spent()) << steps;
  }
}

// One inside another: the inner one has its own, and the outer one goes on.
TEST(LimitedTest, LimitsMayNest) {
  Store store(kBits);
  Budget outer(1'000'000);
  const Limited limited(store, outer);
  {
    Budget inner(10);
    const Limited narrower(store, inner);
    all_agree(store);
    EXPECT_TRUE(store.is_spent());
  }
  EXPECT_FALSE(store.is_spent());
  EXPECT_EQ(outer.taken(), 0U);
}

}  // namespace
}  // namespace fabrix::diagram
