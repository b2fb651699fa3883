#include "routeserver/decision.h"

#include <algorithm>
#include <random>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

Route route(bgp::PathAttributes attributes, std::uint32_t identifier, std::string_view peer) {
  Route made;
  made.bgp_identifier = identifier;
  made.peer_address = address(peer);
  made.attributes = std::make_shared<const bgp::PathAttributes>(std::move(attributes));
  made.exported = made.attributes;
  return made;
}

std::vector<const Route*> ranked(const std::vector<Route>& routes) {
  std::vector<const Route*> pointers;
  pointers.reserve(routes.size());
  for (const Route& one : routes) pointers.push_back(&one);
  rank(pointers);
  return pointers;
}

TEST(DecisionTest, ShorterPathThenLowerOriginThenLowerIdentifierThenLowerAddress) {
  const std::vector<Route> routes{
      route({.origin = bgp::Origin::kIgp, .as_path = path({1, 2})}, 1, "10.0.0.1"),
      route({.origin = bgp::Origin::kIncomplete, .as_path = path({3})}, 2, "10.0.0.2"),
      route({.origin = bgp::Origin::kIgp, .as_path = path({4})}, 9, "10.0.0.3"),
      route({.origin = bgp::Origin::kIgp, .as_path = path({5})}, 4, "10.0.0.5"),
      route({.origin = bgp::Origin::kIgp, .as_path = path({6})}, 4, "10.0.0.4"),
  };
  const auto order = ranked(routes);
  EXPECT_EQ(order, (std::vector<const Route*>{&routes[4], &routes[3], &routes[2], &routes[1],
                                              &routes.front()}));
}

TEST(DecisionTest, AnAsSetCountsAsOne) {
  bgp::AsPath with_set = path({1});
  with_set.segments.push_back(
      {.kind = bgp::AsPathSegment::Kind::kSet, .asns = {net::Asn{2}, net::Asn{3}, net::Asn{4}}});
  const std::vector<Route> routes{route({.as_path = path({1, 2, 3})}, 1, "10.0.0.1"),
                                  route({.as_path = with_set}, 2, "10.0.0.2")};
  EXPECT_EQ(ranked(routes).front(), &routes[1]);
}

TEST(DecisionTest, MedCountsOnlyAmongRoutesOfOneNeighbour) {
  const std::vector<Route> routes{
      route({.as_path = path({1, 9}), .med = 20}, 1, "10.0.0.1"),
      route({.as_path = path({2, 9}), .med = 50}, 2, "10.0.0.2"),
      route({.as_path = path({1, 9}), .med = 10}, 3, "10.0.0.3"),
  };
  // The first loses to the third by MED; of the other two the lower identifier wins.
  EXPECT_EQ(ranked(routes), (std::vector<const Route*>{&routes[1], &routes[2], &routes.front()}));
}

// RFC 4271 §9.1.2.2 applied literally: remove what is worse, criterion by criterion.
const Route* best_by_elimination(std::vector<const Route*> routes) {
  const auto keep_least = [&routes](auto value) {
    auto least = value(*routes.front());
    for (const Route* one : routes) least = std::min(least, value(*one));
    std::erase_if(routes, [&](const Route* one) { return value(*one) != least; });
  };
  keep_least([](const Route& one) { return one.attributes->as_path.length(); });
  keep_least([](const Route& one) { return one.attributes->origin; });
  const auto all = routes;
  std::erase_if(routes, [&](const Route* one) {
    return std::ranges::any_of(all, [&](const Route* other) {
      return other->attributes->as_path.first() == one->attributes->as_path.first() &&
             other->attributes->med.value_or(0) < one->attributes->med.value_or(0);
    });
  });
  keep_least([](const Route& one) { return one.bgp_identifier; });
  keep_least([](const Route& one) { return one.peer_address; });
  return routes.front();
}

TEST(DecisionTest, AgreesWithTheRfcsEliminationWhateverTheOrder) {
  constexpr unsigned kSeed = 20260104;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 3000; ++round) {
    std::vector<Route> routes;
    const std::size_t count = 1 + random() % 8;
    for (std::size_t i = 0; i < count; ++i) {
      bgp::PathAttributes attributes{
          .origin = static_cast<bgp::Origin>(random() % 2),
          .as_path = path(std::vector<std::uint32_t>(
              1 + random() % 2, static_cast<std::uint32_t>(1 + random() % 3)))};
      if (random() % 2 == 0) attributes.med = static_cast<std::uint32_t>(random() % 3);
      routes.push_back(route(std::move(attributes), static_cast<std::uint32_t>(1 + random() % 3),
                             "10.0.0." + std::to_string(i + 1)));
    }
    std::ranges::shuffle(routes, random);
    auto order = ranked(routes);
    while (!order.empty()) {
      ASSERT_EQ(order.front(), best_by_elimination(order)) << "round " << round;
      order.erase(order.begin());
    }
  }
}

}  // namespace
}  // namespace fabrix::routeserver
