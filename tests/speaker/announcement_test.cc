#include "speaker/announcement.h"

#include <gtest/gtest.h>

#include "tests/speaker/far_router.h"

namespace fabrix::speaker {
namespace {

using testing::attributes_of;
using testing::ip;
using testing::prefix;

TEST(Announcement, Rfc4271_5_1_OurAsIsPutInFrontForRoutersOfOthers) {
  bgp::PathAttributes attributes = *attributes_of({65001, 65002});
  attributes.local_pref = 200;
  const auto external = told(attributes, net::Asn{64500}, false);
  EXPECT_EQ(external.as_path.to_string(), "64500 65001 65002");
  EXPECT_EQ(external.local_pref, std::nullopt);
  const auto internal = told(attributes, net::Asn{64500}, true);
  EXPECT_EQ(internal.as_path.to_string(), "65001 65002");
  EXPECT_EQ(internal.local_pref, 200U);
  EXPECT_EQ(told(*attributes_of({}), net::Asn{64500}, true).local_pref, 100U);
}

TEST(Announcement, ARouteNeedsANextHopOfItsFamily) {
  const auto attributes = attributes_of({});
  const auto route = [&](const char* next_hop) { return Announcement{ip(next_hop), attributes}; };
  EXPECT_TRUE(check(prefix("10.0.0.0/8"), route("192.0.2.1")));
  EXPECT_TRUE(check(prefix("2001:db8::/32"), route("2001:db8::1")));
  EXPECT_FALSE(check(prefix("10.0.0.0/8"), route("2001:db8::1")));
  EXPECT_FALSE(check(prefix("2001:db8::/32"), route("192.0.2.1")));
  EXPECT_FALSE(check(prefix("10.0.0.0/8"), route("0.0.0.0")));
}

TEST(Announcement, ARuleMayHaveANextHopOfItsFamily) {
  const auto rule = testing::rule_of("10.0.0.1/32");
  const auto flow = [](const char* next_hop) {
    return FlowAnnouncement{attributes_of({}), ip(next_hop)};
  };
  EXPECT_TRUE(check(rule, FlowAnnouncement{attributes_of({})}));
  EXPECT_TRUE(check(rule, flow("192.0.2.1")));
  EXPECT_FALSE(check(rule, flow("2001:db8::1")));
  EXPECT_FALSE(check(rule, flow("0.0.0.0")));
}

TEST(Announcement, WhatFitsNoMessageIsRefused) {
  EXPECT_TRUE(check(*attributes_of(std::vector<std::uint32_t>(kMostNumbers, 65001))));
  EXPECT_FALSE(check(*attributes_of(std::vector<std::uint32_t>(kMostNumbers + 1, 65001))));
  EXPECT_TRUE(check(*attributes_of({}, std::vector<bgp::Community>(kMostNumbers))));
  EXPECT_FALSE(check(*attributes_of({}, std::vector<bgp::Community>(kMostNumbers + 1))));
}

}  // namespace
}  // namespace fabrix::speaker
