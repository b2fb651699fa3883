#include "telemetry/routing_attribute.h"

#include <gtest/gtest.h>

#include "telemetry/route_table.h"
#include "telemetry/route_view.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

Octets hex(std::string_view digits) {
  Octets out;
  for (std::size_t at = 0; at + 2 <= digits.size(); at += 2) {
    out.push_back(
        static_cast<std::byte>(std::stoi(std::string(digits.substr(at, 2)), nullptr, 16)));
  }
  return out;
}

// One table for both ways.
class OneTable final : public RouteView {
 public:
  RouteTable table;

  std::optional<RouteMatch> to_destination(const Sample& /*sample*/,
                                           const net::IpAddress& address) const override {
    return table.match(address);
  }
  std::optional<RouteMatch> to_source(const Sample& /*sample*/,
                                      const net::IpAddress& address) const override {
    return table.match(address);
  }
  std::uint32_t own_as(const Sample& /*sample*/) const override { return 64500; }
};

// 10.4.3.2 to 10.1.2.3.
const Octets kFrame =
    hex("0200000000020200000000010800"
        "4500002800000000400600000a0403020a010203");

class RoutingAttributeTest : public testing::Test {
 protected:
  RoutingAttributeTest() {
    // The formats of sFlow-RT, observed: aspath 65254-65002-64700, communities 65002:7.
    view_.table.insert(
        net::Prefix::parse("10.1.0.0/16").value(),
        std::make_shared<const RouteInfo>(RouteInfo{.next_hop = net::IpAddress::v4({192, 0, 2, 7}),
                                                    .as_path = "65254-65002-64700",
                                                    .neighbor_as = 65254,
                                                    .origin_as = 64700,
                                                    .communities = "65002:7",
                                                    .origin = "IGP",
                                                    .local_pref = 100,
                                                    .med = {}}));
    view_.table.insert(net::Prefix::parse("0.0.0.0/0").value(),
                       std::make_shared<const RouteInfo>(
                           RouteInfo{.next_hop = net::IpAddress::parse("2001:db8::1"),
                                     .as_path = "65009",
                                     .neighbor_as = 65009,
                                     .origin_as = 65009}));
  }

  OneTable view_;
};

TEST_F(RoutingAttributeTest, AreLookedUp) {
  Sampled sampled(kFrame);
  sampled.sample().routes = &view_;
  EXPECT_EQ(sampled["ipdestinationmaskbits"], "16");
  EXPECT_EQ(sampled["ipsourcemaskbits"], "0");
  EXPECT_EQ(sampled["mask:ipdestination"], "10.1.0.0/16");
  EXPECT_EQ(sampled["mask:ipsource"], "0.0.0.0/0");
  EXPECT_EQ(sampled["bgpnexthop"], "192.0.2.7");
  EXPECT_EQ(sampled["bgpnexthop6"], "(none)");
  EXPECT_EQ(sampled["ipnexthoprouter"], "192.0.2.7");
  EXPECT_EQ(sampled["bgpas"], "64500");
  EXPECT_EQ(sampled["bgpsourceas"], "65009");
  EXPECT_EQ(sampled["bgpsourcepeeras"], "65009");
  EXPECT_EQ(sampled["bgpdestinationas"], "64700");
  EXPECT_EQ(sampled["bgpdestinationpeeras"], "65254");
  EXPECT_EQ(sampled["bgpdestinationaspath"], "65254-65002-64700");
  EXPECT_EQ(sampled["bgpcommunities"], "65002:7");
  EXPECT_EQ(sampled["bgplocalpref"], "100");
}

TEST_F(RoutingAttributeTest, WhatARouteDoesNotHaveIsMissing) {
  view_.table.erase(net::Prefix::parse("10.1.0.0/16").value());
  Sampled sampled(kFrame);
  sampled.sample().routes = &view_;
  EXPECT_EQ(sampled["bgpcommunities"], "(none)");
  EXPECT_EQ(sampled["bgplocalpref"], "(none)");
  EXPECT_EQ(sampled["bgpnexthop"], "(none)");
  EXPECT_EQ(sampled["bgpnexthop6"], "2001:db8::1");
  view_.table.erase(net::Prefix::parse("0.0.0.0/0").value());
  EXPECT_EQ(sampled["bgpdestinationas"], "(none)");
  EXPECT_EQ(sampled["ipsourcemaskbits"], "(none)");
}

TEST_F(RoutingAttributeTest, OfOtherPacketsAndWithoutRoutesAreMissing) {
  Sampled without(kFrame);
  Sampled arp(hex("ffffffffffff0200000000010806") + Octets(28));
  arp.sample().routes = &view_;
  for (const RoutingAttribute& attribute : routing_attributes()) {
    SCOPED_TRACE(attribute.name);
    EXPECT_EQ(without[std::string(attribute.name)], "(none)");
    if (attribute.name == "bgpas") continue;
    EXPECT_EQ(arp[std::string(attribute.name)], "(none)");
  }
}

// What the agent tells counts, and nothing is looked up beside it.
TEST_F(RoutingAttributeTest, TheAgentKnowsBetter) {
  const auto router =
      record(1002, {net::IpAddress::v4({192, 0, 2, 1}), std::uint64_t{20}, std::uint64_t{12}});
  Sampled sampled(kFrame, {{sflow::Tag::of(0, 1002), router}});
  sampled.sample().routes = &view_;
  EXPECT_EQ(sampled["ipnexthoprouter"], "192.0.2.1");
  EXPECT_EQ(sampled["mask:ipsource"], "10.4.0.0/20");
  EXPECT_EQ(sampled["mask:ipdestination"], "10.0.0.0/12");
  EXPECT_EQ(sampled["bgpdestinationas"], "64700");
}

TEST_F(RoutingAttributeTest, FindsIpv6) {
  view_.table.insert(net::Prefix::parse("2001:db8::/32").value(),
                     std::make_shared<const RouteInfo>(RouteInfo{.origin_as = 64999}));
  Sampled sampled(
      hex("02000000000202000000000186dd"
          "6000000000003b40"
          "fd000000000000000000000000000001"
          "20010db8000000000000000000000001"));
  sampled.sample().routes = &view_;
  EXPECT_EQ(sampled["bgpdestinationas"], "64999");
  EXPECT_EQ(sampled["ipdestinationmaskbits"], "32");
  EXPECT_EQ(sampled["bgpsourceas"], "(none)");
}

TEST_F(RoutingAttributeTest, BothEndsAreWhatEachOneIs) {
  const Octets six =
      hex("02000000000202000000000186dd"
          "6000000000003b40"
          "fd000000000000000123456789abcdef"
          "20010db8fedcba980000000000000001");
  for (const Octets& frame : {kFrame, six}) {
    Sampled sampled(frame);
    const auto ends = ip_ends_of(sampled.sample());
    ASSERT_TRUE(ends);
    EXPECT_EQ(ends->source.to_address(ends->family), address_of(sampled.sample(), Side::kSource));
    EXPECT_EQ(ends->destination.to_address(ends->family),
              address_of(sampled.sample(), Side::kDestination));
  }
  Sampled arp(hex("ffffffffffff0200000000010806") + Octets(28));
  EXPECT_FALSE(ip_ends_of(arp.sample()));
}

// Several keys of one sample cost one look-up each way.
TEST_F(RoutingAttributeTest, AreLookedUpOnce) {
  class Counting final : public RouteView {
   public:
    explicit Counting(const RouteView& view) : view_(&view) {}
    std::optional<RouteMatch> to_destination(const Sample& sample,
                                             const net::IpAddress& address) const override {
      ++destinations;
      return view_->to_destination(sample, address);
    }
    std::optional<RouteMatch> to_source(const Sample& sample,
                                        const net::IpAddress& address) const override {
      ++sources;
      return view_->to_source(sample, address);
    }
    std::uint32_t own_as(const Sample& /*sample*/) const override { return 0; }

    mutable int destinations = 0;
    mutable int sources = 0;

   private:
    const RouteView* view_;
  };
  const Counting counting(view_);
  Sampled sampled(kFrame);
  RouteMemo memo;
  sampled.sample().routes = &counting;
  sampled.sample().memo = &memo;
  EXPECT_EQ(sampled["ipdestinationmaskbits"], "16");
  EXPECT_EQ(sampled["bgpdestinationaspath"], "65254-65002-64700");
  EXPECT_EQ(sampled["bgpcommunities"], "65002:7");
  EXPECT_TRUE(memo.to_destination.is_asked_for);
  EXPECT_FALSE(memo.to_source.is_asked_for);
  EXPECT_EQ(sampled["bgpsourceas"], "65009");
  EXPECT_EQ(sampled["bgpsourcepeeras"], "65009");
  EXPECT_TRUE(memo.to_source.is_asked_for);
  EXPECT_EQ(counting.destinations, 1);
  EXPECT_EQ(counting.sources, 1);
}

}  // namespace
}  // namespace fabrix::telemetry
