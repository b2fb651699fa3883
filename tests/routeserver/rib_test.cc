#include "routeserver/rib.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

Route route(std::uint16_t peer, const std::vector<std::uint32_t>& asns) {
  Route made;
  made.peer = PeerId{peer};
  made.bgp_identifier = peer + 1U;
  made.attributes =
      std::make_shared<const bgp::PathAttributes>(bgp::PathAttributes{.as_path = path(asns)});
  made.exported = made.attributes;
  return made;
}

TEST(RibTest, KeepsRoutesInOrderOfPreferenceWithRejectedLast) {
  Rib rib;
  const auto p = prefix("100.0.0.0/24");
  auto rejected = route(0, {1});
  rejected.rejected = RejectReason::kNextHop;
  EXPECT_TRUE(rib.announce(p, rejected));
  EXPECT_TRUE(rib.announce(p, route(1, {1, 2, 3})));
  EXPECT_TRUE(rib.announce(p, route(2, {1, 2})));
  const auto routes = rib.find(p);
  ASSERT_EQ(routes.size(), 3U);
  EXPECT_EQ(routes[0].peer, PeerId{2});
  EXPECT_EQ(routes[1].peer, PeerId{1});
  EXPECT_EQ(routes[2].peer, PeerId{0});
}

TEST(RibTest, AReplacementIsOneRouteAndRepeatingItChangesNothing) {
  Rib rib;
  const auto p = prefix("100.0.0.0/24");
  const auto once = route(1, {1});
  EXPECT_TRUE(rib.announce(p, once));
  EXPECT_FALSE(rib.announce(p, once));
  EXPECT_TRUE(rib.announce(p, route(1, {1, 2})));
  EXPECT_EQ(rib.find(p).size(), 1U);
  EXPECT_EQ(rib.route_count(PeerId{1}), 1U);
}

TEST(RibTest, WithdrawingTheLastRouteForgetsThePrefix) {
  Rib rib;
  const auto p = prefix("100.0.0.0/24");
  rib.announce(p, route(1, {1}));
  EXPECT_FALSE(rib.withdraw(p, PeerId{2}));
  EXPECT_TRUE(rib.withdraw(p, PeerId{1}));
  EXPECT_FALSE(rib.withdraw(p, PeerId{1}));
  EXPECT_EQ(rib.prefix_count(), 0U);
  EXPECT_TRUE(rib.find(p).empty());
  EXPECT_EQ(rib.route_count(PeerId{1}), 0U);
}

}  // namespace
}  // namespace fabrix::routeserver
