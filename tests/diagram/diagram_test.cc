#include "diagram/diagram.h"

#include <limits>
#include <map>

#include <gtest/gtest.h>

#include "tests/diagram/random_diagrams.h"

namespace fabrix::diagram {
namespace {

constexpr int kRounds = 150;
constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
constexpr std::array<unsigned, 3> kWide{64, 64, 1};

TEST(DiagramTest, PredicatesMeanWhatTheirExpressionsMean) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(1);
  Store store(kSmallWidths);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const Predicate predicate = random.predicate(4);
    const Diagram diagram = predicate.build(store);
    for (const Point& point : points) {
      ASSERT_EQ(store.evaluate(diagram, point), predicate.holds(point) ? kTrue : kNone);
    }
  }
}

TEST(DiagramTest, PoliciesMeanWhatTheirExpressionsMean) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(2);
  Store store(kSmallWidths);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const Policy policy = random.policy();
    const Diagram diagram = build(policy, store);
    for (const Point& point : points) {
      ASSERT_EQ(store.evaluate(diagram, point), evaluate(policy, point));
    }
  }
}

TEST(DiagramTest, HandlesAreEqualExactlyWhenFunctionsAre) {
  // Two fields of four values each, so that random functions do coincide.
  const std::vector<unsigned> widths{2, 2};
  const std::vector<Point> points = all_points(widths);
  RandomFunctions random(3);
  Store store(widths);
  std::map<std::vector<Leaf>, Diagram> by_meaning;
  std::size_t coincidences = 0;
  for (int round = 0; round < 3000; ++round) {
    Diagram diagram = store.none();
    for (std::uint64_t i = random.below(4); i-- > 0;) {
      const std::uint64_t low = random.below(4);
      const auto field = static_cast<FieldIndex>(random.below(2));
      const Diagram test = store.test(field, low, low + random.below(4 - low));
      diagram = random.below(2) == 0 ? store.disjunction(diagram, test)
                                     : store.complement(store.conjunction(test, diagram));
    }
    std::vector<Leaf> meaning;
    meaning.reserve(points.size());
    for (const Point& point : points) meaning.push_back(store.evaluate(diagram, point));
    const auto [known, is_new] = by_meaning.emplace(meaning, diagram);
    EXPECT_EQ(known->second, diagram);
    coincidences += is_new ? 0 : 1;
  }
  for (auto a = by_meaning.begin(); a != by_meaning.end(); ++a) {
    for (auto b = std::next(a); b != by_meaning.end(); ++b) EXPECT_NE(a->second, b->second);
  }
  EXPECT_GT(coincidences, 100U);
  EXPECT_GT(by_meaning.size(), 50U);
}

TEST(DiagramTest, PredicatesObeyTheLawsOfBooleanAlgebra) {
  RandomFunctions random(4);
  Store store(kSmallWidths);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const Diagram a = random.predicate().build(store);
    const Diagram b = random.predicate().build(store);
    const Diagram c = random.predicate().build(store);
    EXPECT_EQ(store.complement(store.conjunction(a, b)),
              store.disjunction(store.complement(a), store.complement(b)));
    EXPECT_EQ(store.complement(store.complement(a)), a);
    EXPECT_EQ(store.conjunction(a, b), store.conjunction(b, a));
    EXPECT_EQ(store.disjunction(a, b), store.disjunction(b, a));
    EXPECT_EQ(store.conjunction(a, store.disjunction(b, c)),
              store.disjunction(store.conjunction(a, b), store.conjunction(a, c)));
    EXPECT_EQ(store.disjunction(a, store.complement(a)), store.always());
    EXPECT_EQ(store.conjunction(a, store.complement(a)), store.none());
    EXPECT_EQ(store.disjunction(store.difference(a, b), store.conjunction(a, b)), a);
    const std::vector<Diagram> all{a, b, c};
    EXPECT_EQ(store.disjunction(all), store.disjunction(a, store.disjunction(b, c)));
  }
}

TEST(DiagramTest, OverIsAssociativeWithNoneNeutral) {
  RandomFunctions random(5);
  Store store(kSmallWidths);
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE(round);
    const Diagram a = build(random.policy(), store);
    const Diagram b = build(random.policy(), store);
    const Diagram c = build(random.policy(), store);
    EXPECT_EQ(store.over(store.over(a, b), c), store.over(a, store.over(b, c)));
    EXPECT_EQ(store.over(a, store.none()), a);
    EXPECT_EQ(store.over(store.none(), a), a);
    const std::vector<Diagram> ranked{a, b, c};
    EXPECT_EQ(store.over(ranked), store.over(a, store.over(b, c)));
    EXPECT_EQ(store.over({}), store.none());
  }
}

TEST(DiagramTest, RestrictionAndChoiceFollowThePredicate) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(6);
  Store store(kSmallWidths);
  for (int round = 0; round < kRounds / 3; ++round) {
    SCOPED_TRACE(round);
    const Diagram when = random.predicate().build(store);
    const Diagram a = build(random.policy(), store);
    const Diagram b = build(random.policy(), store);
    const Diagram restricted = store.restrict(when, a);
    const Diagram chosen = store.if_then_else(when, a, b);
    for (const Point& point : points) {
      const bool holds = store.evaluate(when, point) == kTrue;
      ASSERT_EQ(store.evaluate(restricted, point), holds ? store.evaluate(a, point) : kNone);
      ASSERT_EQ(store.evaluate(chosen, point), store.evaluate(holds ? a : b, point));
    }
  }
}

TEST(DiagramTest, CombineMapAndCofactorWorkPointByPoint) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(7);
  Store store(kSmallWidths);
  const auto mix = [](Leaf a, Leaf b) { return a * 10 + b; };
  const auto halve = [](Leaf a) { return a / 2; };
  for (int round = 0; round < kRounds / 3; ++round) {
    SCOPED_TRACE(round);
    const Diagram a = build(random.policy(), store);
    const Diagram b = build(random.policy(), store);
    const auto field = static_cast<FieldIndex>(random.below(kSmallWidths.size()));
    const std::uint64_t value = random.below(std::uint64_t{1} << kSmallWidths.at(field));
    const Diagram mixed = store.combine(a, b, mix);
    const Diagram halved = store.map(a, halve);
    const Diagram fixed = store.cofactor(a, field, value);
    for (Point point : points) {
      ASSERT_EQ(store.evaluate(mixed, point),
                mix(store.evaluate(a, point), store.evaluate(b, point)));
      ASSERT_EQ(store.evaluate(halved, point), halve(store.evaluate(a, point)));
      const Leaf under_fixed = store.evaluate(fixed, point);
      point[field] = value;
      ASSERT_EQ(under_fixed, store.evaluate(a, point));
    }
  }
}

TEST(DiagramTest, WideFieldsWorkAtTheirExtremes) {
  Store store(kWide);
  const Diagram top = store.test(0, kMax, kMax);
  const Diagram bottom = store.test(0, 0, 0);
  EXPECT_EQ(store.test(0, 0, kMax), store.always());
  EXPECT_EQ(store.test(0, 0, kMax - 1), store.complement(top));
  EXPECT_EQ(store.test(0, 1, kMax), store.complement(bottom));
  EXPECT_EQ(store.disjunction(store.test(0, 1, kMax - 1), store.disjunction(top, bottom)),
            store.always());
  EXPECT_EQ(store.evaluate(top, Point{kMax, 0, 0}), kTrue);
  EXPECT_EQ(store.evaluate(top, Point{kMax - 1, 0, 0}), kNone);
  const Diagram corner = store.restrict(store.conjunction(top, store.test(1, kMax, kMax)),
                                        store.leaf(kMax & 0xffffffff));
  EXPECT_EQ(store.find_point(corner, [](Leaf leaf) { return leaf != kNone; }),
            (Point{kMax, kMax, 0}));
  for (const Diagram diagram :
       {top, bottom, corner, store.test(0, 1, kMax - 1), store.test(1, 1, kMax)}) {
    const auto rows = store.rows(diagram, 1000);
    ASSERT_TRUE(rows);
    EXPECT_LE(rows->size(), 3U);
    EXPECT_EQ(store.from_rows(*rows), diagram);
  }
}

TEST(DiagramTest, TernaryTestsMatchTheirBits) {
  const std::vector<Point> points = all_points();
  Store store(kSmallWidths);
  for (std::uint64_t mask = 0; mask < 16; ++mask) {
    for (std::uint64_t bits = 0; bits < 16; ++bits) {
      const auto diagram = store.ternary({.field = 2, .bits = bits, .mask = mask});
      ASSERT_TRUE(diagram);
      for (const Point& point : points) {
        ASSERT_EQ(store.evaluate(*diagram, point), (point[2] & mask) == bits ? kTrue : kNone);
      }
    }
  }
}

TEST(DiagramTest, CollectKeepsTheRootsAndFreesTheRest) {
  const std::vector<Point> points = all_points();
  RandomFunctions random(8);
  Store store(kSmallWidths);
  const Policy policy = random.policy();
  const Diagram root = build(policy, store);
  const std::size_t alone = store.node_count(root);
  std::size_t largest = 0;
  for (int round = 0; round < kRounds; ++round) {
    build(random.policy(), store);
    largest = std::max(largest, store.size());
    store.collect({{root}});
    EXPECT_LE(store.size(), alone + 3);
    EXPECT_EQ(build(policy, store), root);
  }
  EXPECT_GT(largest, alone + 20);
  for (const Point& point : points) {
    ASSERT_EQ(store.evaluate(root, point), evaluate(policy, point));
  }
}

TEST(DiagramTest, NodeCountCountsSharedNodesOnce) {
  Store store(kSmallWidths);
  EXPECT_EQ(store.node_count(store.none()), 1U);
  EXPECT_EQ(store.node_count(store.test(0, 1, 1)), 3U);
}

TEST(DiagramTest, EmptyListsOfRowsHaveNoOpinion) {
  Store store(kSmallWidths);
  EXPECT_EQ(store.from_rows({}), store.none());
}

TEST(DiagramDeathTest, ValuesBeyondAFieldAreOurOwnMistake) {
  Store store(kSmallWidths);
  EXPECT_DEATH(store.test(1, 0, 4), "high");
  EXPECT_DEATH(store.test(1, 2, 1), "low");
  EXPECT_DEATH(store.complement(store.leaf(7)), "is_leaf");
}

}  // namespace
}  // namespace fabrix::diagram
