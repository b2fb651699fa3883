#include "lab/openbgpd.h"

#include <string_view>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kGolden = R"(AS 64501
router-id 192.0.2.1
socket "/lab/a1/bgpd.sock"
fib-update no
connect-retry 1
network 198.51.100.0/24
network 2001:db8:1::/48
neighbor 192.0.2.254 {
  remote-as 64500
  port 1790
  local-address 192.0.2.1
  enforce neighbor-as no
  announce IPv4 unicast
  announce IPv6 none
}
neighbor 2001:db8::fe {
  remote-as 64500
  port 1790
  local-address 2001:db8::1
  enforce neighbor-as no
  announce IPv4 none
  announce IPv6 unicast
}
allow from ebgp
allow to ebgp prefix 198.51.100.0/24
allow to ebgp prefix 2001:db8:1::/48
)";

TEST(OpenBgpdTest, HasThisConfiguration) {
  EXPECT_EQ(openbgpd_configuration(testing::sample_plan()), kGolden);
}

TEST(OpenBgpdTest, OriginatesNothingWithoutPrefixesAndSpeaksToNobodyWithoutAddresses) {
  RouterPlan plan = testing::sample_plan();
  plan.prefixes.clear();
  plan.lan_addresses.clear();
  const std::string text = openbgpd_configuration(plan);
  EXPECT_EQ(text.find("198.51.100.0"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8:1::"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.254"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8::fe"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::lab
