#include "telemetry/forwarding_blocks.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "net/address_bits.h"

namespace fabrix::telemetry {
namespace {

net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

net::IpAddress address(std::string_view text) {
  return net::IpAddress::parse(text).value();
}

net::IpAddress hop(std::uint8_t number) {
  return net::IpAddress::v4({192, 0, 2, number});
}

RouteInfoPtr route_via(std::uint8_t number) {
  return std::make_shared<const RouteInfo>(RouteInfo{.next_hop = hop(number)});
}

class ForwardingBlocksTest : public testing::Test {
 protected:
  void put(std::string_view text, std::uint8_t number) {
    table_.insert(prefix(text), route_via(number));
    blocks_.changed(prefix(text));
  }

  // "10.0.0.0/8 192.0.2.1"
  std::string around(std::string_view text) {
    const auto block = blocks_.around(table_, address(text));
    return block ? block->prefix.to_string() + " " + block->next_hop.to_string() : "none";
  }

  RouteTable table_;
  ForwardingBlocks blocks_{NextHopMap{}};
};

TEST_F(ForwardingBlocksTest, ARouteByItselfIsABlock) {
  put("10.0.0.0/8", 1);
  EXPECT_EQ(around("10.1.2.3"), "10.0.0.0/8 192.0.2.1");
  EXPECT_EQ(around("11.1.2.3"), "none");
}

TEST_F(ForwardingBlocksTest, RoutesInsideThatGoTheSameWayBelongToIt) {
  put("10.0.0.0/8", 1);
  put("10.1.0.0/16", 1);
  put("10.1.2.0/24", 1);
  EXPECT_EQ(around("10.1.2.3"), "10.0.0.0/8 192.0.2.1");
}

// A packet to 10.1.0.1 must not go with 10.0.0.0/8.
TEST_F(ForwardingBlocksTest, OneThatGoesAnotherWayCutsItsRouteIntoParts) {
  put("10.0.0.0/8", 1);
  EXPECT_EQ(around("10.200.0.1"), "10.0.0.0/8 192.0.2.1");
  put("10.1.0.0/16", 2);
  EXPECT_EQ(around("10.200.0.1"), "10.128.0.0/9 192.0.2.1");
  EXPECT_EQ(around("10.0.0.1"), "10.0.0.0/16 192.0.2.1");
  EXPECT_EQ(around("10.1.0.1"), "10.1.0.0/16 192.0.2.2");
  put("10.1.2.0/24", 1);
  EXPECT_EQ(around("10.1.2.1"), "10.1.2.0/24 192.0.2.1");
  EXPECT_EQ(around("10.1.3.1"), "10.1.3.0/24 192.0.2.2");
}

TEST_F(ForwardingBlocksTest, TheDefaultRouteIsNone) {
  put("0.0.0.0/0", 1);
  put("10.0.0.0/8", 1);
  EXPECT_EQ(around("11.0.0.1"), "none");
  EXPECT_EQ(around("10.0.0.1"), "10.0.0.0/8 192.0.2.1");
  const auto way = blocks_.way_of(table_, prefix("11.0.0.0/8"));
  EXPECT_FALSE(way.has_route);
}

TEST_F(ForwardingBlocksTest, NextHopsAreRewritten) {
  blocks_ = ForwardingBlocks(NextHopMap{{hop(2), hop(1)}});
  put("10.0.0.0/8", 1);
  put("10.1.0.0/16", 2);
  EXPECT_EQ(around("10.1.0.1"), "10.0.0.0/8 192.0.2.1");
  EXPECT_EQ(blocks_.way_of(table_, prefix("10.0.0.0/8")).next_hop, hop(1));
}

TEST_F(ForwardingBlocksTest, ARouteWithoutNextHopIsNone) {
  put("10.0.0.0/8", 1);
  table_.insert(prefix("10.1.0.0/16"), std::make_shared<const RouteInfo>());
  EXPECT_EQ(around("10.1.0.1"), "none");
  EXPECT_EQ(around("10.0.0.1"), "10.0.0.0/16 192.0.2.1");
  const auto way = blocks_.way_of(table_, prefix("10.1.0.0/24"));
  EXPECT_TRUE(way.has_route);
  EXPECT_EQ(way.next_hop, std::nullopt);
}

TEST_F(ForwardingBlocksTest, WhatAMemberIsNotToldIsNotThere) {
  const auto told = [](std::uint8_t number, std::uint16_t member) {
    auto audience = std::make_shared<Audience>();
    audience->insert(MemberId{member});
    return std::make_shared<const RouteSet>(
        RouteSet{.best = route_via(number),
                 .offers = {{.route = route_via(number), .audience = audience}},
                 .announcers = {}});
  };
  table_.insert(prefix("10.0.0.0/8"), told(1, 1));
  table_.insert(prefix("10.1.0.0/16"), told(2, 2));
  const TableView view(table_, MemberId{1});
  EXPECT_EQ(blocks_.around(view, address("10.1.0.1"))->prefix, prefix("10.0.0.0/8"));
  EXPECT_EQ(blocks_.way_of(view, prefix("10.1.0.0/16")).next_hop, hop(1));
  EXPECT_FALSE(blocks_.around(TableView(table_, MemberId{2}), address("10.0.0.1")));
}

// Whether two addresses go the same way is asked of the table itself.
TEST_F(ForwardingBlocksTest, AllOfABlockGoesItsWay) {
  std::mt19937 random(7);
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  for (int i = 0; i < 400; ++i) {
    const auto at = net::IpAddress::v4(
        {10, static_cast<std::uint8_t>(below(4)), static_cast<std::uint8_t>(below(256)), 0});
    const auto some = net::Prefix::containing(at, 8 + below(17)).value();
    put(some.to_string(), static_cast<std::uint8_t>(1 + below(3)));
    const auto to = net::IpAddress::v4({10, static_cast<std::uint8_t>(below(4)),
                                        static_cast<std::uint8_t>(below(256)),
                                        static_cast<std::uint8_t>(below(256))});
    const auto block = blocks_.around(table_, to);
    if (!block) continue;
    ASSERT_TRUE(block->prefix.contains(to));
    EXPECT_EQ(blocks_.way_of(table_, block->prefix).next_hop, block->next_hop);
    for (int j = 0; j < 100; ++j) {
      auto bits = net::AddressBits::of(block->prefix.address());
      bits.high |=
          (std::uint64_t{random()} << 32U) & ~(~std::uint64_t{0} << (64U - block->prefix.length()));
      const auto match = table_.match(bits.to_address(net::Family::kIpv4));
      ASSERT_TRUE(match);
      EXPECT_EQ(match->route->next_hop, block->next_hop) << block->prefix.to_string();
    }
    // And it could not be larger: the way of what is twice as large is not one, or is not within a
    // route that goes this way.
    if (block->prefix.length() == 1) continue;
    const auto larger = net::Prefix::containing(to, block->prefix.length() - 1).value();
    const auto way = blocks_.way_of(table_, larger);
    EXPECT_TRUE(!way.has_route || way.next_hop != block->next_hop) << larger.to_string();
  }
}

}  // namespace
}  // namespace fabrix::telemetry
