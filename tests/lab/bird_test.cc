#include "lab/bird.h"

#include <string_view>

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

constexpr std::string_view kGolden = R"(log "/lab/a1/bird.log" all;
router id 192.0.2.1;

protocol device { }
protocol kernel kernel4 { ipv4 { import none; export where source = RTS_BGP; }; }
protocol kernel kernel6 { ipv6 { import none; export where source = RTS_BGP; }; }

protocol static p1 { ipv4; route 198.51.100.0/24 blackhole; }
protocol static p2 { ipv6; route 2001:db8:1::/48 blackhole; }

protocol bgp session1 {
  local 192.0.2.1 as 64501;
  neighbor 192.0.2.254 port 1790 as 64500;
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  ipv4 { gateway direct; import all; export where source = RTS_STATIC; };
}

protocol bgp session2 {
  local 2001:db8::1 as 64501;
  neighbor 2001:db8::fe port 1790 as 64500;
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  ipv6 { gateway direct; import all; export where source = RTS_STATIC; };
}
)";

TEST(BirdTest, HasThisConfiguration) {
  EXPECT_EQ(bird_configuration(testing::sample_plan()), kGolden);
}

TEST(BirdTest, Rfc8950_TakesIpv4RoutesOverItsIpv6SessionWhereItHasNoOther) {
  RouterPlan plan = testing::sample_plan();
  plan.extended_next_hop = true;
  EXPECT_EQ(bird_configuration(plan), kGolden);
  plan.lan_addresses.erase(plan.lan_addresses.begin());
  const std::string text = bird_configuration(plan);
  EXPECT_NE(
      text.find("  ipv4 { gateway direct; extended next hop; import all; export where source = "
                "RTS_STATIC; };\n"
                "  ipv6 { gateway direct; import all; export where source = RTS_STATIC; };\n}"),
      std::string::npos)
      << text;
  EXPECT_EQ(text.find("session2"), std::string::npos);
}

TEST(BirdTest, OriginatesNothingWithoutPrefixesAndSpeaksToNobodyWithoutAddresses) {
  RouterPlan plan = testing::sample_plan();
  plan.prefixes.clear();
  plan.lan_addresses.clear();
  const std::string text = bird_configuration(plan);
  EXPECT_EQ(text.find("198.51.100.0"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8:1::"), std::string::npos);
  EXPECT_EQ(text.find("192.0.2.254"), std::string::npos);
  EXPECT_EQ(text.find("2001:db8::fe"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::lab
