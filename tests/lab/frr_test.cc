#include "lab/frr.h"

#include <string_view>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kGolden = R"(hostname a1
log file /lab/a1/bgpd.log informational
bgp as-path access-list own permit ^$
router bgp 64501
 bgp router-id 192.0.2.1
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 no bgp network import-check
 neighbor 192.0.2.254 remote-as 64500
 neighbor 192.0.2.254 port 1790
 neighbor 192.0.2.254 update-source 192.0.2.1
 neighbor 192.0.2.254 timers connect 1
 neighbor 192.0.2.254 advertisement-interval 0
 no neighbor 192.0.2.254 enforce-first-as
 neighbor 2001:db8::fe remote-as 64500
 neighbor 2001:db8::fe port 1790
 neighbor 2001:db8::fe update-source 2001:db8::1
 neighbor 2001:db8::fe timers connect 1
 neighbor 2001:db8::fe advertisement-interval 0
 no neighbor 2001:db8::fe enforce-first-as
 address-family ipv4 unicast
  network 198.51.100.0/24
  neighbor 192.0.2.254 activate
  neighbor 192.0.2.254 filter-list own out
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:1::/48
  neighbor 2001:db8::fe activate
  neighbor 2001:db8::fe filter-list own out
 exit-address-family
)";

TEST(FrrTest, HasThisConfiguration) {
  EXPECT_EQ(frr_configuration(testing::sample_plan()), kGolden);
}

TEST(FrrTest, Rfc8950_TakesIpv4RoutesOverItsIpv6SessionWhereItHasNoOther) {
  RouterPlan plan = testing::sample_plan();
  plan.extended_next_hop = true;
  EXPECT_EQ(frr_configuration(plan), kGolden);
  plan.lan_addresses.erase(plan.lan_addresses.begin());
  const std::string text = frr_configuration(plan);
  EXPECT_NE(text.find(" neighbor 2001:db8::fe capability extended-nexthop\n"), std::string::npos);
  EXPECT_NE(text.find(" address-family ipv4 unicast\n"
                      "  network 198.51.100.0/24\n"
                      "  neighbor 2001:db8::fe activate\n"),
            std::string::npos)
      << text;
}

TEST(FrrTest, OriginatesNothingWithoutPrefixesAndSpeaksToNobodyWithoutAddresses) {
  RouterPlan plan = testing::sample_plan();
  plan.prefixes.clear();
  plan.lan_addresses.clear();
  const std::string text = frr_configuration(plan);
  EXPECT_EQ(text.find("198.51.100.0"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8:1::"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.254"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8::fe"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::lab
