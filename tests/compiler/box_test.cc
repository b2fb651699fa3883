#include "compiler/box.h"

#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using net::Field;

Box box(Field field, Intervals intervals) {
  return {.ranges = {{index_of(field), std::move(intervals)}}};
}

TEST(Cover, MatchesExactlyTheInterval) {
  for (std::uint64_t low = 0; low < 64; ++low) {
    for (std::uint64_t high = low; high < 64; ++high) {
      const auto rows = cover({low, high}, 6);
      EXPECT_LE(rows.size(), 10U);  // 2w - 2
      for (std::uint64_t value = 0; value < 64; ++value) {
        const auto hits = std::ranges::count_if(
            rows, [value](const Ternary& row) { return (value & row.mask) == row.bits; });
        EXPECT_EQ(hits, low <= value && value <= high ? 1 : 0);
      }
    }
  }
}

TEST(Cover, ReachesTheEndsOfTheWidestField) {
  constexpr std::uint64_t kMax = ~std::uint64_t{0};
  EXPECT_EQ(cover({0, kMax}, 64), (std::vector<Ternary>{{0, 0}}));
  EXPECT_EQ(cover({kMax, kMax}, 64), (std::vector<Ternary>{{kMax, kMax}}));
  EXPECT_EQ(cover({1, kMax}, 64).size(), 64U);
}

TEST(Box, OverlapsAndContainsFieldByField) {
  const Box low = box(Field::kDstPort, {{0, 99}});
  const Box high = box(Field::kDstPort, {{100, 200}});
  const Box some = box(Field::kDstPort, {{80, 80}, {150, 150}});
  EXPECT_FALSE(overlap(low, high));
  EXPECT_TRUE(overlap(low, some));
  EXPECT_TRUE(overlap(low, box(Field::kSrcPort, {{1, 1}})));
  EXPECT_FALSE(contains(low, some));
  EXPECT_TRUE(contains(low, box(Field::kDstPort, {{80, 80}})));
  EXPECT_TRUE(contains(Box{}, low));
  EXPECT_FALSE(contains(low, Box{}));
  EXPECT_EQ(intersection(low, some), box(Field::kDstPort, {{80, 80}}));
  EXPECT_EQ(intersection(low, high), std::nullopt);
}

TEST(Box, RowsAreCountedAsFarAsAsked) {
  Box both = box(Field::kSrcPort, {{1, 6}, {9, 9}});  // 1, 2-3, 4-5, 6, 9
  both.ranges.push_back({index_of(Field::kDstPort), {{0, 1}, {4, 4}}});
  EXPECT_EQ(row_count(both, 100), 10U);
  EXPECT_EQ(row_count(both, 10), 10U);
  EXPECT_GT(row_count(both, 9), 9U);
  EXPECT_GT(row_count(both, 2), 2U);
  EXPECT_EQ(row_count({}, 0), 1U);
}

TEST(BoxesOf, ComplementKeepsWhatMakesTheHeaderExist) {
  const World world({1});
  const auto boxes = boxes_of(*not_of(dst_port(80)), {world.routes});
  ASSERT_TRUE(boxes);
  ASSERT_EQ(boxes->size(), 2U);  // another protocol; another port
  for (const Box& each : *boxes) {
    EXPECT_EQ(each.ranges.front().field, index_of(Field::kEthType));
  }
  EXPECT_EQ((*boxes)[1].ranges.size(), 3U);
}

// In whatever order, of several fields or one.
TEST(BoxesOf, AConjunctionIsTheIntersectionOfItsTests) {
  const World world({1});
  std::mt19937 engine(5);
  const auto random = [&engine](unsigned bound) { return static_cast<unsigned>(engine()) % bound; };
  const std::vector<Field> fields{Field::kEthType, Field::kProtocol, Field::kSrcPort,
                                  Field::kDstPort};
  int hits = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<PredicatePtr> tests;
    std::optional<Box> expected{std::in_place};
    for (unsigned i = 1 + random(5); i > 0; --i) {
      const Field field = fields[random(4)];
      const std::uint64_t low = random(8);
      const Intervals intervals{{low, low + random(8)}, {low + 20, low + 20 + random(8)}};
      tests.push_back(test(field, intervals));
      if (expected) expected = intersection(*expected, box(field, intervals));
    }
    const auto boxes = boxes_of(*all_of(tests), {world.routes});
    ASSERT_TRUE(boxes);
    EXPECT_EQ(*boxes, expected ? std::vector{*expected} : std::vector<Box>{});
    hits += expected ? 1 : 0;
  }
  EXPECT_GT(hits, 1000);
}

TEST(BoxesOf, GivesUpWhenThereAreTooMany) {
  const World world({1});
  std::vector<PredicatePtr> factors;
  for (const Field field : {Field::kSrcPort, Field::kDstPort, Field::kDscp, Field::kSrcIp4}) {
    std::vector<PredicatePtr> terms;
    for (std::uint64_t i = 0; i < 8; ++i) terms.push_back(test(field, {{2 * i, 2 * i}}));
    factors.push_back(any_of(terms));
  }
  EXPECT_FALSE(boxes_of(*all_of(factors), {world.routes}));
}

TEST(PrefixBoxes, JoinsBlocksAndKeepsLongIpv6PrefixesApart) {
  World world({1});
  for (const char* each : {"10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "20.0.0.0/8",
                           "2001:db8::/32", "2001:db8:0:1::/96", "3001::/128"}) {
    world.routes.announce(router(0), prefix(each));
  }
  const auto boxes = prefix_boxes({participant(0), policy::Side::kDestination}, world.routes);
  ASSERT_EQ(boxes.size(), 4U);
  EXPECT_EQ(boxes[0].ranges[1].intervals,
            (Intervals{{0x0a000000, 0x0affffff}, {0x14000000, 0x14ffffff}}));
  EXPECT_EQ(boxes[1].ranges.size(), 2U);
  EXPECT_EQ(boxes[2].ranges.size(), 3U);
  EXPECT_EQ(boxes[3].ranges[2].intervals, (Intervals{{0, 0}}));
}

}  // namespace
}  // namespace fabrix::compiler
