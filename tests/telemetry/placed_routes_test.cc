#include "telemetry/placed_routes.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

const net::IpAddress kRouter = net::IpAddress::v4({192, 0, 2, 254});

class PlacedRoutesTest : public ::testing::Test {
 protected:
  PlacedRoutesTest() { routers_.add_router(kRouter, {}); }

  void apply(const std::vector<PlacedRoute>& changes) { placed_.apply(routers_, changes); }

  std::set<net::Prefix> prefixes() const {
    std::set<net::Prefix> all;
    const RouteTable& table = routers_.find(kRouter)->table;
    table.for_each_within(net::Prefix::all(net::Family::kIpv4),
                          [&](RouteTable::RouteId id) { all.insert(table.prefix_of(id)); });
    return all;
  }

  Routers routers_;
  PlacedRoutes placed_{kRouter};
};

TEST_F(PlacedRoutesTest, APlaceHasOnePrefix) {
  const auto set = set_of({{65001, {kB}}}, {kA});
  const net::Prefix ten = prefix_of("10.0.0.0/8");
  const net::Prefix eleven = prefix_of("11.0.0.0/8");
  apply({{.place = 3, .prefix = ten, .set = set}});
  EXPECT_EQ(prefixes(), std::set{ten});
  // Told again, it is the same.
  apply({{.place = 3, .prefix = ten, .set = set}});
  EXPECT_EQ(routers_.find(kRouter)->added, 1U);
  // Another one has the place.
  apply({{.place = 3, .prefix = eleven, .set = set}});
  EXPECT_EQ(prefixes(), std::set{eleven});
  apply({{.place = 3}, {.place = 99}});
  EXPECT_TRUE(prefixes().empty());
}

TEST_F(PlacedRoutesTest, APrefixThatMovesStays) {
  const auto set = set_of({{65001, {kB}}}, {kA});
  const net::Prefix ten = prefix_of("10.0.0.0/8");
  apply({{.place = 3, .prefix = ten, .set = set}});
  // Its old place is told after its new one.
  apply({{.place = 1, .prefix = ten, .set = set}, {.place = 3}});
  EXPECT_EQ(prefixes(), std::set{ten});
  apply({{.place = 1}});
  EXPECT_TRUE(prefixes().empty());
}

TEST_F(PlacedRoutesTest, ARouterThatIsGoneTakesNothing) {
  routers_.remove_router(kRouter);
  apply({{.place = 3, .prefix = prefix_of("10.0.0.0/8"), .set = set_of({}, {kA})}});
  EXPECT_EQ(routers_.find(kRouter), nullptr);
}

// Prefixes come and go and get places anew; each place is told now and then, in any order.
TEST_F(PlacedRoutesTest, EndsAsTheTableElsewhereIs) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  constexpr std::uint32_t kPlaces = 40;
  std::map<std::uint32_t, net::Prefix> there;
  std::set<std::uint32_t> untold;
  const auto set = set_of({{65001, {kB}}}, {kA});
  const auto tell = [&](std::uint32_t place) {
    const auto found = there.find(place);
    PlacedRoute route{.place = place};
    if (found != there.end()) route = {place, found->second, set};
    apply({route});
    untold.erase(place);
  };
  for (int step = 0; step < 4000; ++step) {
    const auto place = static_cast<std::uint32_t>(random() % kPlaces);
    const auto wanted = net::Prefix::containing(
        net::IpAddress::v4({10, static_cast<std::uint8_t>(random() % 60), 0, 0}), 16);
    const bool is_elsewhere =
        std::ranges::any_of(there, [&](const auto& each) { return each.second == *wanted; });
    if (there.erase(place) == 0 && !is_elsewhere) there.emplace(place, *wanted);
    untold.insert(place);
    if (random() % 3 == 0) {
      auto any = untold.begin();
      std::advance(any, static_cast<std::ptrdiff_t>(random() % untold.size()));
      tell(*any);
    }
  }
  while (!untold.empty()) tell(*untold.rbegin());
  std::set<net::Prefix> expected;
  for (const auto& [place, at] : there) expected.insert(at);
  EXPECT_EQ(prefixes(), expected);
}

}  // namespace
}  // namespace fabrix::telemetry
