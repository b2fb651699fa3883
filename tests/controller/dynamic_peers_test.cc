// Sessions from a prefix, with a real BIRD and a real GoBGP at the other end.
#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/controller/bird_world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kA = "172.0.0.1";
const net::Prefix kNet = World::prefix("140.0.0.0/24");
const net::Prefix kNetIpv6 = World::prefix("2001:db8:140::/48");
const net::Prefix kFromA = World::prefix("100.0.0.0/24");

// An address of the LAN that no router has.
constexpr const char* kBird = R"(
router id 172.0.9.9;
protocol device {{ }}
protocol static own4 {{ ipv4; route 140.0.0.0/24 blackhole; }}
protocol static own6 {{ ipv6; route 2001:db8:140::/48 blackhole; }}
protocol bgp rs4 {{
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  local 172.0.9.9 as {0};
  neighbor 172.0.255.254 as 65000;
  {1}
  ipv4 {{ import all; export where source = RTS_STATIC; }};
}}
protocol bgp rs6 {{
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  local 2001:db8:ff::9 as {0};
  neighbor 2001:db8:ff::fffe as 65000;
  ipv6 {{ import all; export where source = RTS_STATIC; }};
}}
)";

class DynamicBirdTest : public BirdWorld {
 protected:
  void SetUp() override {
    BirdWorld::SetUp();
    if (IsSkipped()) return;
    give(*far_, "172.0.9.9", "2001:db8:ff::9");
    for (const auto* const prefix : {"172.0.9.0/24", "2001:db8:ff::/64"}) {
      exchange::DynamicRange range{.prefix = World::prefix(prefix)};
      range.asns = {{{64512}, {65534}}};
      range.limit = 4;
      range.import = exchange_.route_server.import;
      range.session = exchange_.route_server.session;
      exchange_.route_server.dynamic.push_back(range);
    }
    exchange_.route_server.dynamic[0].session.md5_password = "right";
    exchange_.route_server.dynamic[0].session.gtsm = true;
  }

  bool has(std::string_view name) {
    return controller_.exchange().find_participant(name) != nullptr;
  }
};

TEST_F(DynamicBirdTest, BirdBecomesANeighbourAndGoesAgain) {
  start();
  Speaker& a = establish(kA);
  a.announce(World::path({100}), World::address(kA), {kFromA});
  configure_bird(fmt::format(kBird, 64600, "password \"right\"; ttl security on;"));
  start_bird();
  ASSERT_TRUE(wait([&] { return has("AS64600-172.0.9.9") && has("AS64600-2001:db8:ff::9"); }));
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  EXPECT_EQ(a.routes[kNet].next_hop, World::address("172.0.9.9"));
  EXPECT_TRUE(knows("100.0.0.1", {"172.0.0.1", "BGP.as_path: 100"})) << said_;
  Speaker& a6 = establish("2001:db8:ff::1");
  EXPECT_TRUE(wait([&] { return a6.routes.contains(kNetIpv6); }));
  birdc({"disable", "all"});
  EXPECT_TRUE(wait([&] { return !has("AS64600-172.0.9.9") && !has("AS64600-2001:db8:ff::9"); }));
  EXPECT_TRUE(a.routes.empty());
  EXPECT_TRUE(a.is_up() && a6.is_up());
  birdc({"enable", "all"});
  EXPECT_TRUE(wait([&] { return a.routes.contains(kNet); })) << "it may come again";
}

TEST_F(DynamicBirdTest, BirdOfAnAsThatIsNotWelcomeIsTold) {
  start();
  establish(kA);
  configure_bird(fmt::format(kBird, 7, "password \"right\"; ttl security on;"));
  start_bird();
  EXPECT_TRUE(wait_for_bird({"show", "protocols", "all", "rs4"}, [](const std::string& said) {
    return said.find("Bad peer AS") != std::string::npos;
  })) << said_;
  EXPECT_FALSE(has("AS7-172.0.9.9"));
}

constexpr const char* kGoBgp = R"([global.config]
  as = 64601
  router-id = "172.0.9.10"
  port = -1
[[neighbors]]
  [neighbors.config]
    peer-as = 65000
    neighbor-address = "172.0.255.254"
    auth-password = "right"
  [neighbors.timers.config]
    connect-retry = 1
  [neighbors.transport.config]
    local-address = "172.0.9.9"
  [neighbors.ttl-security.config]
    enabled = true
    ttl-min = 255
)";

TEST_F(DynamicBirdTest, GoBgpDoesToo) {
  if (!std::filesystem::exists("/usr/bin/gobgpd")) GTEST_SKIP() << "gobgpd is not installed";
  start();
  Speaker& a = establish(kA);
  const std::string file = directory_ / "gobgp.toml";
  std::ofstream(file) << kGoBgp;
  const std::string target = "unix://" + (directory_ / "gobgp.sock");
  io::ChildOptions options;
  options.process.argv = {"/usr/bin/gobgpd", "-f", file, "--api-hosts", target, "--pprof-disable"};
  options.process.network_namespace = far_->name();
  options.process.parent_death = io::ParentDeath::kKill;
  auto child = io::ChildProcess::start(loop_, options, [](const io::ExitStatus&) {});
  ASSERT_TRUE(child) << child.error().message;
  ASSERT_TRUE(wait([&] { return has("AS64601-172.0.9.9"); }));
  ASSERT_TRUE(wait([&] { return view("172.0.9.9").state == kUp; }));
  io::CommandOptions add;
  add.process.argv = {"/usr/bin/gobgp", "--target", target, "global", "rib", "add", "140.0.0.0/24"};
  ASSERT_TRUE(io::run_command(add));
  EXPECT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  child->send_signal(SIGKILL);
  EXPECT_TRUE(wait([&] { return !has("AS64601-172.0.9.9"); }));
}

}  // namespace
}  // namespace fabrix::controller
