#include "routeserver/decision.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

struct Entrant {
  bgp::PathAttributes attributes;
  std::uint64_t tie = 0;
};

std::vector<Contender> contenders(const std::vector<Entrant>& entrants) {
  std::vector<Contender> all;
  for (std::size_t i = 0; i < entrants.size(); ++i) {
    all.push_back({.preference = preference_of(entrants[i].attributes, Standing::kNormal),
                   .tie = entrants[i].tie,
                   .index = static_cast<std::uint32_t>(i)});
  }
  return all;
}

std::vector<std::uint32_t> order_of(std::vector<Contender> all) {
  rank(all);
  std::vector<std::uint32_t> order;
  for (const Contender& each : all) order.push_back(each.index);
  return order;
}

TEST(DecisionTest, Rfc4271_9_1_2_ShorterPathThenLowerOriginThenTheTie) {
  const std::vector<Entrant> entrants{
      {{.origin = bgp::Origin::kIgp, .as_path = path({1, 2})}, 1},
      {{.origin = bgp::Origin::kIncomplete, .as_path = path({3})}, 2},
      {{.origin = bgp::Origin::kIgp, .as_path = path({4})}, 9},
      {{.origin = bgp::Origin::kIgp, .as_path = path({5})}, 5},
      {{.origin = bgp::Origin::kIgp, .as_path = path({6})}, 4},
  };
  EXPECT_EQ(order_of(contenders(entrants)), (std::vector<std::uint32_t>{4, 3, 2, 1, 0}));
}

TEST(DecisionTest, Rfc4271_9_1_2_2_AnAsSetCountsAsOne) {
  bgp::AsPath with_set = path({1});
  with_set.segments.push_back(
      {.kind = bgp::AsPathSegment::Kind::kSet, .asns = {net::Asn{2}, net::Asn{3}, net::Asn{4}}});
  const std::vector<Entrant> entrants{{{.as_path = path({1, 2, 3})}, 1},
                                      {{.as_path = with_set}, 2}};
  EXPECT_EQ(order_of(contenders(entrants)).front(), 1U);
}

TEST(DecisionTest, Rfc4271_9_1_2_2_MedCountsOnlyAmongRoutesOfOneNeighbour) {
  const std::vector<Entrant> entrants{
      {{.as_path = path({1, 9}), .med = 20}, 1},
      {{.as_path = path({2, 9}), .med = 50}, 2},
      {{.as_path = path({1, 9}), .med = 10}, 3},
  };
  // The first loses to the third by MED; of the other two the lower tie wins.
  EXPECT_EQ(order_of(contenders(entrants)), (std::vector<std::uint32_t>{1, 2, 0}));
  auto all = contenders(entrants);
  EXPECT_EQ(rank(all), OrderDepends::kOnSet);
}

TEST(DecisionTest, Rfc8326_4_2_AndRfc9494_4_3_WhatIsLeavingComesLast) {
  const bgp::PathAttributes shortest{.as_path = path({1})};
  const bgp::PathAttributes longer{.as_path = path({2, 3})};
  std::vector<Contender> all{
      {preference_of(shortest, Standing::kLongLivedStale), 1, 0},
      {preference_of(shortest, Standing::kGracefulShutdown), 2, 1},
      {preference_of(longer, Standing::kNormal), 3, 2},
  };
  EXPECT_EQ(order_of(all), (std::vector<std::uint32_t>{2, 1, 0}));
}

// RFC 4271 §9.1.2.2 applied literally: remove what is worse, criterion by criterion.
std::uint32_t best_by_elimination(const std::vector<Entrant>& entrants,
                                  std::vector<std::uint32_t> left) {
  const auto keep_least = [&](auto value) {
    auto least = value(entrants[left.front()]);
    for (const std::uint32_t i : left) least = std::min(least, value(entrants[i]));
    std::erase_if(left, [&](std::uint32_t i) { return value(entrants[i]) != least; });
  };
  keep_least([](const Entrant& one) { return one.attributes.as_path.length(); });
  keep_least([](const Entrant& one) { return one.attributes.origin; });
  const auto all = left;
  std::erase_if(left, [&](std::uint32_t one) {
    return std::ranges::any_of(all, [&](std::uint32_t other) {
      const auto& a = entrants[one].attributes;
      const auto& b = entrants[other].attributes;
      return a.as_path.first() == b.as_path.first() && b.med.value_or(0) < a.med.value_or(0);
    });
  });
  keep_least([](const Entrant& one) { return one.tie; });
  return left.front();
}

TEST(DecisionTest, AgreesWithTheRfcsEliminationWhateverTheOrder) {
  constexpr unsigned kSeed = 20260104;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 3000; ++round) {
    std::vector<Entrant> entrants;
    const std::size_t count = 1 + random() % 8;
    for (std::size_t i = 0; i < count; ++i) {
      Entrant entrant{
          .attributes = {.origin = static_cast<bgp::Origin>(random() % 2),
                         .as_path = path(std::vector<std::uint32_t>(
                             1 + random() % 2, static_cast<std::uint32_t>(1 + random() % 3)))},
          .tie = random() % 3 << 8U | i};
      if (random() % 2 == 0) entrant.attributes.med = static_cast<std::uint32_t>(random() % 3);
      entrants.push_back(std::move(entrant));
    }
    auto all = contenders(entrants);
    std::ranges::shuffle(all, random);
    auto order = order_of(all);
    while (!order.empty()) {
      ASSERT_EQ(order.front(), best_by_elimination(entrants, order)) << "round " << round;
      order.erase(order.begin());
    }
  }
}

// What rank() says about subsets: kOnEach means that leaving routes out leaves the order.
TEST(DecisionTest, AnOrderThatDoesNotDependOnTheSetSurvivesLeavingRoutesOut) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  int on_each = 0;
  for (int round = 0; round < 3000; ++round) {
    std::vector<Entrant> entrants;
    for (std::size_t i = 0; i < 5; ++i) {
      entrants.push_back(
          {.attributes = {.as_path = path({static_cast<std::uint32_t>(1 + random() % 4)}),
                          .med = static_cast<std::uint32_t>(random() % 2)},
           .tie = random() % 3 << 8U | i});
    }
    auto all = contenders(entrants);
    if (rank(all) == OrderDepends::kOnSet) continue;
    ++on_each;
    std::erase_if(all, [&](const Contender&) { return random() % 2 == 0; });
    auto again = all;
    std::ranges::shuffle(again, random);
    rank(again);
    for (std::size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i].index, again[i].index);
  }
  EXPECT_GT(on_each, 100);
}

}  // namespace
}  // namespace fabrix::routeserver
