#include "io/owned_routes.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "io/routes.h"
#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using testing::ip;
using testing::prefix;
using Deed = RouteOrder::Deed;

class OwnedRoutesTest : public testing::CableTest {
 protected:
  static RouteOrder order(Deed deed, const std::string& destination, const std::string& gateway) {
    return {.deed = deed, .route = {.destination = prefix(destination), .gateway = ip(gateway)}};
  }

  // "203.0.113.0/24 192.0.2.2; ..." of an owner, sorted.
  static std::string listed(NetlinkSocket& netlink, const RouteOwner& owner) {
    std::vector<std::string> texts;
    for (const auto family : {net::Family::kIpv4, net::Family::kIpv6}) {
      const auto routes = list_owned_routes(netlink, owner, family);
      EXPECT_TRUE(routes) << routes.error().message;
      for (const OwnedRoute& route : routes.value_or(std::vector<OwnedRoute>())) {
        texts.push_back(route.destination.to_string() + " " + route.gateway.to_string());
      }
    }
    std::ranges::sort(texts);
    std::string all;
    for (const std::string& text : texts) all += text + "; ";
    return all;
  }

  static constexpr RouteOwner kOwner{.table = 4242, .protocol = 77};
};

TEST_F(OwnedRoutesTest, AreChangedManyAtATime) {
  for (const bool is_filtered : {true, false}) {
    auto netlink = near_->netlink();
    if (is_filtered) netlink.filter_dumps();
    EXPECT_EQ(listed(netlink, kOwner), "");
    const std::vector<RouteOrder> added{order(Deed::kAdd, "203.0.113.0/24", "192.0.2.2"),
                                        order(Deed::kAdd, "198.51.100.0/24", "192.0.2.3"),
                                        order(Deed::kAdd, "2001:db8:2::/48", "2001:db8::2"),
                                        order(Deed::kAdd, "203.0.114.0/24", "2001:db8::3")};
    EXPECT_TRUE(change_routes(netlink, kOwner, added).empty());
    EXPECT_EQ(listed(netlink, kOwner),
              "198.51.100.0/24 192.0.2.3; 2001:db8:2::/48 2001:db8::2; "
              "203.0.113.0/24 192.0.2.2; 203.0.114.0/24 2001:db8::3; ");
    const std::vector<RouteOrder> changed{order(Deed::kRemove, "203.0.113.0/24", "192.0.2.9"),
                                          order(Deed::kRemove, "203.0.114.0/24", "192.0.2.9"),
                                          order(Deed::kReplace, "2001:db8:2::/48", "2001:db8::4"),
                                          order(Deed::kReplace, "198.51.100.0/24", "192.0.2.4")};
    EXPECT_TRUE(change_routes(netlink, kOwner, changed).empty());
    EXPECT_EQ(listed(netlink, kOwner), "198.51.100.0/24 192.0.2.4; 2001:db8:2::/48 2001:db8::4; ");
    const std::vector<RouteOrder> rest{order(Deed::kRemove, "198.51.100.0/24", "192.0.2.4"),
                                       order(Deed::kRemove, "2001:db8:2::/48", "2001:db8::4")};
    EXPECT_TRUE(change_routes(netlink, kOwner, rest).empty());
    EXPECT_TRUE(change_routes(netlink, kOwner, rest).empty());  // gone already
    EXPECT_EQ(listed(netlink, kOwner), "");
  }
}

TEST_F(OwnedRoutesTest, WhatTheKernelRefusesIsToldAndTheRestIsDone) {
  auto netlink = near_->netlink();
  std::vector<RouteOrder> orders;
  for (int i = 0; i < 200; ++i) {
    const bool is_reachable = i % 50 != 7;
    orders.push_back(order(Deed::kAdd, "10.0." + std::to_string(i) + ".0/24",
                           is_reachable ? "192.0.2.2" : "172.16.0.1"));
  }
  const auto failures = change_routes(netlink, kOwner, orders);
  ASSERT_EQ(failures.size(), 4U);
  EXPECT_EQ(failures[0].order, 7U);
  EXPECT_EQ(failures[3].order, 157U);
  EXPECT_NE(failures[0].text.find("invalid gateway"), std::string::npos) << failures[0].text;
  const auto there = list_owned_routes(netlink, kOwner, net::Family::kIpv4);
  ASSERT_TRUE(there);
  EXPECT_EQ(there->size(), 196U);
}

TEST_F(OwnedRoutesTest, RoutesOfOthersStay) {
  auto netlink = near_->netlink();
  netlink.filter_dumps();
  constexpr RouteOwner kOther{.table = 4242, .protocol = 78};
  constexpr RouteOwner kElsewhere{.table = 4243, .protocol = 77};
  const std::vector<RouteOrder> theirs{order(Deed::kAdd, "203.0.113.0/24", "192.0.2.3")};
  EXPECT_TRUE(change_routes(netlink, kOther, theirs).empty());
  EXPECT_TRUE(change_routes(netlink, kElsewhere, theirs).empty());
  EXPECT_EQ(listed(netlink, kOwner), "");
  EXPECT_EQ(change_routes(netlink, kOwner, theirs).size(), 1U);
  const std::vector<RouteOrder> removal{order(Deed::kRemove, "203.0.113.0/24", "192.0.2.3")};
  EXPECT_TRUE(change_routes(netlink, kOwner, removal).empty());
  EXPECT_EQ(listed(netlink, kOther), "203.0.113.0/24 192.0.2.3; ");
  EXPECT_EQ(listed(netlink, kElsewhere), "203.0.113.0/24 192.0.2.3; ");
}

}  // namespace
}  // namespace fabrix::io
