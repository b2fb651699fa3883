#include "routeserver/route_list.h"

#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

std::vector<RouteRef> some_routes(std::size_t count, std::uint32_t first = 0) {
  std::vector<RouteRef> routes;
  for (std::uint32_t i = 0; i < count; ++i) {
    routes.push_back({.path = PathId{first + i},
                      .peer = PeerId{static_cast<std::uint16_t>(i)},
                      .set_dependent = i == 0,
                      .stale = i == 1});
  }
  return routes;
}

std::vector<RouteRef> content(const RouteList& list) {
  return {list.view().begin(), list.view().end()};
}

TEST(RouteListTest, KeepsWhatItIsGivenWhateverItHadBefore) {
  constexpr unsigned kSeed = 1;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  RouteList list;
  for (std::uint32_t round = 0; round < 500; ++round) {
    const auto routes = some_routes(random() % 5, round);
    list.assign(routes);
    ASSERT_EQ(content(list), routes);
    ASSERT_EQ(list.size(), routes.size());
    ASSERT_EQ(list.empty(), routes.empty());
  }
}

TEST(RouteListTest, MovesAndSwapsWithoutCopies) {
  for (const std::size_t count : {0U, 1U, 2U, 7U}) {
    SCOPED_TRACE(count);
    RouteList from;
    from.assign(some_routes(count));
    RouteList to(std::move(from));
    EXPECT_EQ(content(to), some_routes(count));
    RouteList other;
    other.assign(some_routes(3, 100));
    other.swap(to);
    EXPECT_EQ(content(other), some_routes(count));
    EXPECT_EQ(content(to), some_routes(3, 100));
    other = std::move(to);
    EXPECT_EQ(content(other), some_routes(3, 100));
  }
}

TEST(RouteListTest, RoutesAreEditedInPlace) {
  for (const std::size_t count : {1U, 3U}) {
    RouteList list;
    list.assign(some_routes(count));
    for (RouteRef& route : list.edit()) route.stale = true;
    for (const RouteRef& route : list.view()) EXPECT_TRUE(route.stale);
  }
}

TEST(RouteListTest, ARejectedRouteKnowsItsReason) {
  RouteRef route;
  EXPECT_TRUE(route.accepted());
  EXPECT_EQ(route.rejected(), std::nullopt);
  route.verdict = static_cast<std::uint8_t>(RejectReason::kAsLoop);
  EXPECT_FALSE(route.accepted());
  EXPECT_EQ(route.rejected(), RejectReason::kAsLoop);
}

}  // namespace
}  // namespace fabrix::routeserver
