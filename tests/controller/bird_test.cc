// The route server with a real BIRD as a client.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/controller/bird_world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kConfiguration = R"(
router id 172.0.0.11;
protocol device { }
protocol static own4 { ipv4; route 140.0.0.0/24 blackhole; }
protocol static own6 { ipv6; route 2001:db8:1::/48 blackhole; }
template bgp exchange {
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
}
protocol bgp rs4 from exchange {
  local 172.0.0.11 as 200;
  neighbor 172.0.255.254 as 65000;
  ipv4 { import all; export where source = RTS_STATIC; };
}
protocol bgp rs6 from exchange {
  local 2001:db8:ff::11 as 200;
  neighbor 2001:db8:ff::fffe as 65000;
  ipv6 { import all; export where source = RTS_STATIC; };
}
)";

const net::Prefix kNet4 = World::prefix("140.0.0.0/24");
const net::Prefix kNet6 = World::prefix("2001:db8:1::/48");

class BirdTest : public BirdWorld {
 protected:
  void SetUp() override {
    BirdWorld::SetUp();
    if (IsSkipped()) return;
    configure_bird(kConfiguration);
    start();
  }
};

TEST_F(BirdTest, PeersOverBothFamiliesAndHearsTransparentRoutes) {
  Speaker& a4 = establish("172.0.0.1");
  Speaker& a6 = establish("2001:db8:ff::1");
  start_bird();
  ASSERT_TRUE(wait([&] { return a4.routes.contains(kNet4) && a6.routes.contains(kNet6); }));
  EXPECT_EQ(a4.routes[kNet4].next_hop, World::address("172.0.0.11"));
  EXPECT_EQ(a4.routes[kNet4].attributes->as_path.to_string(), "200");
  EXPECT_EQ(a6.routes[kNet6].next_hop, World::address("2001:db8:ff::11"));

  bgp::PathAttributes attributes = World::path({100, 7});
  attributes.med = 5;
  a4.announce(attributes, World::address("172.0.0.1"), {World::prefix("100.0.0.0/24")});
  a6.announce(World::path({100}), World::address("2001:db8:ff::1"),
              {World::prefix("2001:db8:2::/48")});
  EXPECT_TRUE(
      knows("100.0.0.0/24", {"BGP.as_path: 100 7", "BGP.next_hop: 172.0.0.1", "BGP.med: 5"}))
      << said_;
  EXPECT_TRUE(knows("2001:db8:2::/48", {"BGP.as_path: 100", "BGP.next_hop: 2001:db8:ff::1"}))
      << said_;
  a4.withdraw({World::prefix("100.0.0.0/24")});
  EXPECT_TRUE(wait_for_bird({"show", "route", "for", "100.0.0.0/24"}, [](const std::string& said) {
    return said.find("not found") != std::string::npos;
  })) << said_;
}

TEST_F(BirdTest, AsksForItsRoutesAgain) {
  Speaker& a = establish("172.0.0.1");
  a.announce(World::path({100}), World::address("172.0.0.1"), {World::prefix("100.0.0.0/24")});
  start_bird();
  ASSERT_TRUE(knows("100.0.0.0/24", {"BGP.as_path: 100"})) << said_;
  const auto updates = [](const std::string& said) {
    const auto at = said.find("Import updates:");
    return at == std::string::npos ? "" : said.substr(at, said.find('\n', at) - at);
  };
  const std::string before = updates(birdc({"show", "protocols", "all", "rs4"}));
  ASSERT_FALSE(before.empty());
  EXPECT_NE(birdc({"reload", "in", "rs4"}).find("reloading"), std::string::npos);
  EXPECT_TRUE(wait_for_bird({"show", "protocols", "all", "rs4"}, [&](const std::string& said) {
    return updates(said) != before;
  })) << said_;
}

TEST_F(BirdTest, TakesItsRoutesAwayWhenItDiesAndBringsThemBack) {
  Speaker& a = establish("172.0.0.1");
  start_bird();
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet4); }));
  kill_bird();
  ASSERT_TRUE(wait([&] { return a.routes.empty(); }));
  start_bird();
  EXPECT_TRUE(wait([&] { return a.routes.contains(kNet4); }));
}

}  // namespace
}  // namespace fabrix::controller
