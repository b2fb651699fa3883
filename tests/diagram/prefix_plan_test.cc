#include "diagram/prefix_plan.h"

#include <algorithm>
#include <optional>
#include <random>

#include <gtest/gtest.h>

namespace fabrix::diagram {
namespace {

constexpr std::uint64_t kMax = ~std::uint64_t{0};

std::uint64_t cost_of(const PrefixPlan& plan, std::span<const LabelCost> costs) {
  std::uint64_t cost = 0;
  for (const PlannedPrefix& prefix : plan.prefixes) cost += costs[prefix.label].weight;
  return cost;
}

// The label of the first prefix in match order that covers `value`.
std::optional<Label> matched(const PrefixPlan& plan, std::uint64_t value) {
  for (const std::size_t i : plan.match_order) {
    const PlannedPrefix& prefix = plan.prefixes[i];
    if ((value & prefix.mask) == prefix.bits) return prefix.label;
  }
  return std::nullopt;
}

// The least cost of telling apart the labels of 2^k values, by trying every label for every block.
// `around` is the label inherited. The oracle.
// NOLINTNEXTLINE(misc-no-recursion): halves its input
std::uint64_t least_cost(std::span<const Label> values, std::span<const LabelCost> costs,
                         std::optional<Label> around) {
  // NOLINTNEXTLINE(misc-no-recursion): halves its input
  const auto within = [&](std::optional<Label> label) -> std::uint64_t {
    if (values.size() > 1) {
      const std::size_t half = values.size() / 2;
      return least_cost(values.first(half), costs, label) +
             least_cost(values.subspan(half), costs, label);
    }
    const bool right = label ? *label == values[0] : costs[values[0]].free;
    return right ? 0 : 1'000'000;
  };
  std::uint64_t best = within(around);
  for (Label label = 0; label < costs.size(); ++label) {
    best = std::min(best, costs[label].weight + within(label));
  }
  return best;
}

TEST(PrefixPlanTest, PlansAreRightAndAsCheapAsTheBest) {
  std::mt19937 random(20240620);
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    std::vector<LabelCost> costs(3);
    for (LabelCost& cost : costs) cost = {.weight = 1 + random() % 4, .free = random() % 4 == 0};
    std::vector<Label> values(8);
    std::vector<Segment> segments;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<Label>(random() % costs.size());
      if (i == 0 || values[i] != values[i - 1]) segments.push_back({i, values[i]});
    }
    const PrefixPlan plan = plan_prefixes(segments, costs, values.size() - 1);
    EXPECT_EQ(cost_of(plan, costs), least_cost(values, costs, std::nullopt));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto label = matched(plan, i);
      EXPECT_TRUE(label ? *label == values[i] : costs[values[i]].free);
    }
    const bool some_free = std::ranges::any_of(costs, &LabelCost::free);
    EXPECT_TRUE(some_free || plan.prefixes[plan.match_order.back()].mask == 0U);
  }
}

TEST(PrefixPlanTest, AWideFieldTakesItsExtremes) {
  const std::vector<Segment> segments{{0, 0}, {1, 1}, {kMax, 0}};
  const PrefixPlan plan = plan_prefixes(segments, std::vector<LabelCost>(2), kMax);
  EXPECT_EQ(plan.prefixes, (std::vector<PlannedPrefix>{
                               {0, 0, 1, kNoPrefix}, {0, kMax, 0, 0}, {kMax, kMax, 0, 0}}));
  EXPECT_EQ(plan.match_order, (std::vector<std::size_t>{1, 2, 0}));
}

TEST(PrefixPlanTest, FreeLabelsNeedNoPrefixWhereNoneCoversThem) {
  const std::vector<Segment> segments{{0, 0}, {80, 1}, {81, 0}};
  const std::vector<LabelCost> costs{{.weight = 1, .free = true}, {.weight = 5}};
  const PrefixPlan plan = plan_prefixes(segments, costs, 65535);
  EXPECT_EQ(plan.prefixes, (std::vector<PlannedPrefix>{{80, 65535, 1, kNoPrefix}}));
}

TEST(PrefixPlanTest, PiecesSayWhichPrefixDecides) {
  const std::vector<Segment> segments{{0, 0}, {2, 1}, {3, 0}};
  const PrefixPlan plan = plan_prefixes(segments, std::vector<LabelCost>(2), 3);
  for (const PlannedPiece& piece : plan.pieces) {
    ASSERT_NE(piece.prefix, kNoPrefix);
    EXPECT_EQ(plan.prefixes[piece.prefix].label, matched(plan, piece.low));
  }
}

}  // namespace
}  // namespace fabrix::diagram
