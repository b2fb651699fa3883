// The route server with a real BIRD as a client, in a network namespace of its own, over a cable.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "io/child_process.h"
#include "io/command.h"
#include "tests/controller/bgp_world.h"

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

class BirdTest : public BgpWorld {
 protected:
  BirdTest() : BgpWorld("b1") {}

  void SetUp() override {
    if (!std::filesystem::exists("/usr/sbin/bird")) GTEST_SKIP() << "bird is not installed";
    BgpWorld::SetUp();
    if (IsSkipped()) return;
    far_.emplace();
    auto netlink = namespace_->netlink();
    const auto made =
        io::create_veth(netlink, {.name = "eth0", .mac = near_mac_, .network_namespace = ""},
                        {.name = "eth0", .mac = far_mac_, .network_namespace = far_->name()});
    ASSERT_TRUE(made) << made.error().message;
    give(*namespace_, "172.0.255.254", "2001:db8:ff::fffe");
    give(*far_, "172.0.0.11", "2001:db8:ff::11");
    std::ofstream(directory_ / "bird.conf") << kConfiguration;
    start();
  }

  void TearDown() override {
    bird_.reset();
    far_.reset();
    BgpWorld::TearDown();
  }

  static void give(const io::testing::TestNamespace& where, const std::string& v4,
                   const std::string& v6) {
    auto netlink = where.netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    ASSERT_TRUE(io::set_link_up(netlink, "eth0"));
    ASSERT_TRUE(
        io::add_address(netlink, {.link = "eth0", .address = World::address(v4), .length = 16}));
    ASSERT_TRUE(
        io::add_address(netlink, {.link = "eth0", .address = World::address(v6), .length = 64}));
  }

  void start_bird() {
    io::ChildOptions options;
    options.process.argv = {"/usr/sbin/bird",
                            "-f",
                            "-c",
                            directory_ / "bird.conf",
                            "-s",
                            directory_ / "bird.ctl",
                            "-P",
                            directory_ / "bird.pid"};
    options.process.network_namespace = far_->name();
    options.process.parent_death = io::ParentDeath::kKill;
    auto child = io::ChildProcess::start(loop_, options, [](const io::ExitStatus&) {});
    ASSERT_TRUE(child) << child.error().message;
    bird_.emplace(*std::move(child));
  }

  void kill_bird() {
    bird_->send_signal(SIGKILL);
    ASSERT_TRUE(wait([this] { return !bird_->is_running(); }));
  }

  // What birdc prints; empty while BIRD does not listen.
  std::string birdc(const std::vector<std::string>& words) {
    io::CommandOptions options;
    options.process.argv = {"/usr/sbin/birdc", "-s", directory_ / "bird.ctl"};
    options.process.argv.insert(options.process.argv.end(), words.begin(), words.end());
    // It ends with an error when it finds no route, and says so.
    const auto output = io::run_command(options);
    return output ? output->out : "";
  }

  // Serves the loop until BIRD says what is wanted.
  bool wait_for_bird(const std::vector<std::string>& words,
                     const std::function<bool(const std::string&)>& is_wanted) {
    const auto give_up = io::EventLoop::now() + kPatience;
    while (io::EventLoop::now() < give_up) {
      said_ = birdc(words);
      if (is_wanted(said_)) return true;
      loop_.run_until([] { return false; }, std::chrono::milliseconds(50));
    }
    return false;
  }

  bool knows(const std::string& prefix, const std::vector<std::string>& texts) {
    return wait_for_bird({"show", "route", "for", prefix, "all"}, [&](const std::string& said) {
      return std::ranges::all_of(
          texts, [&](const std::string& text) { return said.find(text) != std::string::npos; });
    });
  }

  net::MacAddress near_mac_{{2, 0, 0, 0, 0, 1}};
  net::MacAddress far_mac_{{2, 0, 0, 0, 0, 2}};
  std::optional<io::testing::TestNamespace> far_;
  io::testing::TemporaryDirectory directory_;
  std::optional<io::ChildProcess> bird_;
  std::string said_;
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
