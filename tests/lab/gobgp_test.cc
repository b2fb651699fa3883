#include "lab/gobgp.h"

#include <string_view>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kGolden = R"([global.config]
  as = 64501
  router-id = "192.0.2.1"
[global.apply-policy.config]
  export-policy-list = ["own"]
  default-export-policy = "reject-route"

[[policy-definitions]]
  name = "own"
  [[policy-definitions.statements]]
    name = "local"
    [policy-definitions.statements.conditions.bgp-conditions]
      route-type = "local"
    [policy-definitions.statements.actions]
      route-disposition = "accept-route"

[[neighbors]]
  [neighbors.config]
    peer-as = 64500
    neighbor-address = "192.0.2.254"
  [neighbors.timers.config]
    connect-retry = 1
  [neighbors.transport.config]
    local-address = "192.0.2.1"
    remote-port = 1790
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"

[[neighbors]]
  [neighbors.config]
    peer-as = 64500
    neighbor-address = "2001:db8::fe"
  [neighbors.timers.config]
    connect-retry = 1
  [neighbors.transport.config]
    local-address = "2001:db8::1"
    remote-port = 1790
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
)";

TEST(GoBgpTest, HasThisConfiguration) {
  EXPECT_EQ(gobgp_configuration(testing::sample_plan()), kGolden);
}

TEST(GoBgpTest, OriginatesNothingWithoutPrefixesAndSpeaksToNobodyWithoutAddresses) {
  RouterPlan plan = testing::sample_plan();
  plan.prefixes.clear();
  plan.lan_addresses.clear();
  const std::string text = gobgp_configuration(plan);
  EXPECT_EQ(text.find("198.51.100.0"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8:1::"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.254"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8::fe"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::lab
