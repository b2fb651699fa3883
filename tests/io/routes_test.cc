#include "io/routes.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::ip;
using testing::prefix;

class RoutesTest : public testing::CableTest {
 protected:
  static Route route(const std::string& destination, const std::string& gateway,
                     std::uint32_t metric) {
    return {.destination = prefix(destination),
            .gateway = ip(gateway),
            .link = "eth0",
            .protocol = kRouteProtocolBgp,
            .metric = metric};
  }

  static std::ptrdiff_t listed(NetlinkSocket& netlink, const Route& route) {
    const auto routes = list_routes(netlink, route.destination.family());
    EXPECT_TRUE(routes) << routes.error().message;
    return std::ranges::count(*routes, route);
  }
};

TEST_F(RoutesTest, AreListedAsAddedAndGoneWhenDeleted) {
  auto netlink = near_->netlink();
  Route direct = route("198.51.100.0/24", "192.0.2.2", 0);
  direct.gateway.reset();
  direct.protocol = kRouteProtocolStatic;
  const std::vector<Route> routes{
      route("203.0.113.0/24", "192.0.2.2", 0), route("0.0.0.0/0", "192.0.2.2", 50),
      route("2001:db8:2::/48", "2001:db8::2", 1024), route("::/0", "2001:db8::2", 100), direct};
  for (const Route& added : routes) {
    SCOPED_TRACE(added.destination.to_string());
    const auto done = add_route(netlink, added);
    EXPECT_TRUE(done) << done.error().message;
    EXPECT_EQ(listed(netlink, added), 1);
    EXPECT_FALSE(add_route(netlink, added));
  }
  for (const Route& deleted : routes) {
    SCOPED_TRACE(deleted.destination.to_string());
    EXPECT_TRUE(delete_route(netlink, deleted));
    EXPECT_EQ(listed(netlink, deleted), 0);
    EXPECT_FALSE(delete_route(netlink, deleted));
  }
}

TEST_F(RoutesTest, AreReplaced) {
  auto netlink = near_->netlink();
  const Route before = route("203.0.113.0/24", "192.0.2.2", 0);
  const Route after = route("203.0.113.0/24", "192.0.2.3", 0);
  ASSERT_TRUE(replace_route(netlink, before));
  ASSERT_TRUE(replace_route(netlink, after));
  EXPECT_EQ(listed(netlink, before), 0);
  EXPECT_EQ(listed(netlink, after), 1);
}

// RFC 8950: an IPv4 route whose next hop has an IPv6 address.
TEST_F(RoutesTest, MayHaveAGatewayOfTheOtherFamily) {
  auto netlink = near_->netlink();
  const Route mixed = route("203.0.113.0/24", "2001:db8::2", 0);
  const auto done = replace_route(netlink, mixed);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(listed(netlink, mixed), 1);
}

TEST_F(RoutesTest, KeepsFamiliesApartAndShowsTheKernelsOwn) {
  auto netlink = near_->netlink();
  Route connected{.destination = prefix("192.0.2.0/24"), .gateway = {}, .link = "eth0"};
  connected.protocol = kRouteProtocolKernel;
  EXPECT_EQ(listed(netlink, connected), 1);
  const auto v6 = list_routes(netlink, net::Family::kIpv6).value();
  for (const Route& one : v6) {
    EXPECT_EQ(one.destination.family(), net::Family::kIpv6);
  }
}

TEST_F(RoutesTest, SaysWhyOneCannotBe) {
  auto netlink = near_->netlink();
  const auto unreachable = add_route(netlink, route("203.0.113.0/24", "198.51.100.1", 0));
  ASSERT_FALSE(unreachable);
  EXPECT_TRUE(unreachable.error().message.starts_with(
      "add route to 203.0.113.0/24: Network is unreachable"))
      << unreachable.error().message;
}

}  // namespace
}  // namespace fabrix::io
