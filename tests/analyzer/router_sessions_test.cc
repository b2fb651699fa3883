// Routers whose tables become the engine's: one of ours at the other end, then BIRD.
#include "analyzer/router_sessions.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "bgp/flowspec_update.h"
#include "io/child_process.h"
#include "io/command.h"
#include "tests/speaker/far_router.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer {
namespace {

// NOLINTNEXTLINE(misc-unused-using-decls): clang-tidy 14 does not see the use of an operator
using sflow::operator+;
using speaker::testing::attributes_of;
using speaker::testing::far_config;
using speaker::testing::FarRouter;
using speaker::testing::ip;
using speaker::testing::kPatience;
using speaker::testing::prefix;

speaker::NeighborOptions neighbor(const char* address, std::uint32_t as = 64500) {
  return {.address = ip(address),
          .local_as = net::Asn{as},
          .identifier = 0x0a000001,
          .families = {.ipv4 = true, .ipv6 = true},
          .flowspec = {.ipv4 = true}};
}

class RouterSessionsTest : public ::testing::Test {
 protected:
  RouterSessionsTest() {
    options_.listen = io::IpEndpoint{ip("127.0.0.1"), 0};
    options_.neighbors = {neighbor("127.0.0.2")};
    EXPECT_TRUE(sessions_.configure(options_));
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }
  const telemetry::Routers::Router* router(const char* address = "127.0.0.2") {
    return engine_.routers().find(ip(address));
  }
  std::unique_ptr<FarRouter> dial(const char* address = "127.0.0.2") {
    return std::make_unique<FarRouter>(loop_, far_config(65001), *sessions_.speaker().listening(),
                                       ip(address));
  }

  io::EventLoop loop_;
  telemetry::Engine engine_;
  RouterSessions sessions_{loop_, engine_};
  BgpOptions options_;
};

TEST_F(RouterSessionsTest, ARoutersTableIsTheEngines) {
  ASSERT_NE(router(), nullptr);
  EXPECT_EQ(router()->info.state, "idle");
  const auto far = dial();
  ASSERT_TRUE(wait([&] { return router()->info.state == "established" && far->is_established(); }));
  EXPECT_EQ(router()->info.as, 65001U);
  EXPECT_EQ(router()->info.id, "10.0.0.2");
  far->announce(ip("192.0.2.1"), *attributes_of({65001, 65002}), {prefix("10.0.0.0/8")});
  far->announce(ip("192.0.2.1"), *attributes_of({65001, 65002}), {prefix("11.0.0.0/8")});
  ASSERT_TRUE(wait([&] { return router()->table.size() == 2; }));
  const auto first = router()->table.match(ip("10.1.1.1"));
  const auto second = router()->table.match(ip("11.1.1.1"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->route->as_path, "65001-65002");
  EXPECT_EQ(first->route, second->route);  // one text for both
  bgp::UpdateMessage gone;
  gone.withdrawn = {prefix("10.0.0.0/8")};
  far->send(gone);
  EXPECT_TRUE(wait([&] { return router()->table.size() == 1; }));
  far->hang_up();
  EXPECT_TRUE(wait([&] { return router()->info.state == "idle"; }));
  EXPECT_EQ(router()->table.size(), 0U);
}

// Agents may be bound before there is a session, and stay so over one.
TEST_F(RouterSessionsTest, SamplesAreJoinedWithTheTable) {
  ASSERT_TRUE(engine_.routers().bind(net::IpAddress::v4({192, 0, 2, 9}), ip("127.0.0.2")));
  telemetry::Sampled sampled(sflow::ethernet(0x0800) + sflow::ipv4(17, 8) + sflow::Octets(8));
  const auto destination = prefix(sampled["ipdestination"] + "/32");
  const auto far = dial();
  ASSERT_TRUE(wait([&] { return router()->info.state == "established" && far->is_established(); }));
  far->announce(ip("192.0.2.1"), *attributes_of({65001, 65002}), {destination});
  ASSERT_TRUE(wait([&] { return router()->table.size() == 1; }));
  const auto match = engine_.routers().to_destination(sampled.sample(), destination.address());
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->origin_as, 65002U);
  EXPECT_EQ(match->length, 32U);
  EXPECT_EQ(engine_.routers().own_as(sampled.sample()), 65001U);
}

TEST_F(RouterSessionsTest, TellsWhoWatches) {
  std::vector<speaker::NeighborState> states;
  sessions_.set_watch(
      [&](const net::IpAddress&, speaker::NeighborState state) { states.push_back(state); });
  const auto far = dial();
  ASSERT_TRUE(wait([&] { return states.size() == 1; }));
  far->hang_up();
  ASSERT_TRUE(wait([&] { return states.size() == 2; }));
  EXPECT_EQ(states,
            (std::vector{speaker::NeighborState::kEstablished, speaker::NeighborState::kIdle}));
}

TEST_F(RouterSessionsTest, RoutersOfTheConfigurationAreItsOwn) {
  EXPECT_TRUE(sessions_.add(neighbor("127.0.0.2", 64999)));  // and stays as it was
  EXPECT_EQ(sessions_.speaker().view(ip("127.0.0.2"))->options.local_as, net::Asn{64500});
  EXPECT_FALSE(sessions_.remove(ip("127.0.0.2")));
  EXPECT_TRUE(sessions_.add(neighbor("127.0.0.3")));
  options_.neighbors = {neighbor("127.0.0.4")};
  EXPECT_TRUE(sessions_.configure(options_));
  EXPECT_EQ(router("127.0.0.2"), nullptr);
  EXPECT_NE(router("127.0.0.3"), nullptr);
  EXPECT_NE(router("127.0.0.4"), nullptr);
  EXPECT_TRUE(sessions_.remove(ip("127.0.0.3")));
  EXPECT_EQ(router("127.0.0.3"), nullptr);
}

TEST_F(RouterSessionsTest, RefusesARouterOfTheExchange) {
  engine_.routers().add_router(ip("127.0.0.9"), {});
  EXPECT_FALSE(sessions_.add(neighbor("127.0.0.9")));
}

// A daemon of others in a namespace of its own, at the far end of a cable.
class RealRouterTest : public io::testing::CableTest {
 protected:
  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  void listen() {
    const auto near = io::NamespaceScope::enter(near_->name());
    ASSERT_TRUE(near) << near.error().message;
    BgpOptions options;
    options.listen = io::IpEndpoint{ip("192.0.2.1"), speaker::kDefaultPort};
    options.neighbors = {neighbor("192.0.2.2", 64500)};
    options.neighbors.front().password = "secret";
    const auto done = sessions_.configure(options);
    ASSERT_TRUE(done) << done.error().message;
  }

  void run(std::vector<std::string> argv) {
    io::ChildOptions options;
    options.process.argv = std::move(argv);
    options.process.network_namespace = far_->name();
    options.process.parent_death = io::ParentDeath::kKill;
    auto child = io::ChildProcess::start(loop_, options, [](const io::ExitStatus&) {});
    ASSERT_TRUE(child) << child.error().message;
    daemon_.emplace(*std::move(child));
  }

  // Serves the loop until a command says all of `texts`.
  bool says(const std::vector<std::string>& argv, const std::vector<std::string>& texts) {
    const auto give_up = io::EventLoop::now() + kPatience;
    while (io::EventLoop::now() < give_up) {
      io::CommandOptions options;
      options.process.argv = argv;
      options.process.network_namespace = far_->name();
      const auto output = io::run_command(options);
      said_ = output ? output->out : output.error().message;
      if (std::ranges::all_of(texts, [&](const std::string& text) {
            return said_.find(text) != std::string::npos;
          })) {
        return true;
      }
      loop_.run_until([] { return false; }, std::chrono::milliseconds(50));
    }
    return false;
  }

  const telemetry::RouteTable& table() { return engine_.routers().find(ip("192.0.2.2"))->table; }

  void announce_what_tests_look_for() {
    bgp::PathAttributes attributes = *attributes_of({65009}, {bgp::kBlackhole});
    attributes.local_pref = 250;
    ASSERT_TRUE(sessions_.speaker().announce(
        ip("192.0.2.2"), prefix("203.0.113.7/32"),
        {ip("192.0.2.1"), std::make_shared<const bgp::PathAttributes>(attributes)}));
    announce_flow("203.0.113.8/32", {0x8006000000000000});
    announce_flow("203.0.113.9/32", {bgp::kRedirectToNextHop}, ip("192.0.2.66"));
  }

  void announce_flow(const char* destination, bgp::ExtendedCommunity action,
                     std::optional<net::IpAddress> next_hop = std::nullopt) {
    bgp::PathAttributes attributes;
    attributes.extended_communities = {action};
    ASSERT_TRUE(sessions_.speaker().announce_flow(
        ip("192.0.2.2"), speaker::testing::rule_of(destination),
        {std::make_shared<const bgp::PathAttributes>(attributes), next_hop}));
  }

  io::EventLoop loop_;
  telemetry::Engine engine_;
  RouterSessions sessions_{loop_, engine_};
  io::testing::TemporaryDirectory directory_;
  std::optional<io::ChildProcess> daemon_;
  std::string said_;
};

constexpr const char* kBird = R"(router id 192.0.2.2;
flow4 table f4;
protocol device {}
protocol static { ipv4; route 10.0.0.0/8 blackhole { bgp_path.prepend(65007); bgp_community.add((65007,3)); }; }
protocol static { ipv6; route 2001:db8:7::/48 blackhole; }
protocol bgp fabrix {
  local 192.0.2.2 as 64500;
  neighbor 192.0.2.1 port 1179 as 64500;
  connect delay time 1;
  connect retry time 1;
  password "secret";
  default bgp_local_pref 333;
  ipv4 { import all; export all; next hop self; };
  ipv6 { import all; export all; next hop self; };
  flow4 { table f4; import all; validate off; };
}
)";

// iBGP, with MD5 signatures; its table here, what is announced there.
TEST_F(RealRouterTest, Bird) {
  if (!std::filesystem::exists("/usr/sbin/bird")) GTEST_SKIP() << "bird is not installed";
  listen();
  const std::string control = directory_ / "bird.ctl";
  std::ofstream(directory_ / "bird.conf") << kBird;
  run({"/usr/sbin/bird", "-f", "-c", directory_ / "bird.conf", "-s", control, "-P",
       directory_ / "bird.pid"});
  announce_what_tests_look_for();
  ASSERT_TRUE(wait([&] { return table().size() == 2; }));
  const auto match = table().match(ip("10.1.2.3"));
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->as_path, "65007");
  EXPECT_EQ(match->route->communities, "65007:3");
  EXPECT_EQ(match->route->next_hop, ip("192.0.2.2"));
  EXPECT_TRUE(match->route->local_pref.has_value());
  EXPECT_TRUE(table().match(ip("2001:db8:7::1")));
  EXPECT_TRUE(says({"/usr/sbin/birdc", "-s", control, "show", "route", "for", "203.0.113.7", "all"},
                   {"BGP.as_path: 65009", "BGP.local_pref: 250", "(65535,666)"}))
      << said_;
  EXPECT_TRUE(says({"/usr/sbin/birdc", "-s", control, "show", "route", "table", "f4", "all"},
                   {"dst 203.0.113.8/32; proto 17", "(generic, 0x80060000, 0x0)",
                    "dst 203.0.113.9/32; proto 17", "(generic, 0x8000000, 0x0)"}))
      << said_;
  daemon_->send_signal(SIGKILL);
  EXPECT_TRUE(wait([&] { return table().size() == 0; }));
}

constexpr const char* kFrr = R"(hostname far
router bgp 65002
 bgp router-id 192.0.2.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 no bgp default ipv4-unicast
 neighbor 192.0.2.1 remote-as 64500
 neighbor 192.0.2.1 port 1179
 neighbor 192.0.2.1 password secret
 neighbor 192.0.2.1 timers connect 1
 address-family ipv4 unicast
  network 10.0.0.0/8
  neighbor 192.0.2.1 activate
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:7::/48
  neighbor 192.0.2.1 activate
 exit-address-family
 address-family ipv4 flowspec
  neighbor 192.0.2.1 activate
 exit-address-family
)";

// eBGP.
TEST_F(RealRouterTest, Frr) {
  if (!std::filesystem::exists("/usr/lib/frr/bgpd")) GTEST_SKIP() << "frr is not installed";
  listen();
  std::filesystem::permissions(directory_.path(), std::filesystem::perms::all);
  std::ofstream(directory_ / "bgpd.conf") << kFrr;
  run({"/usr/lib/frr/bgpd", "-f", directory_ / "bgpd.conf", "-i", directory_ / "bgpd.pid", "-z",
       directory_ / "zserv.api", "--vty_socket", directory_.path(), "-n", "-Z", "-S", "-A",
       "127.0.0.1", "-P", "2605", "-l", "192.0.2.2"});
  announce_what_tests_look_for();
  ASSERT_TRUE(wait([&] { return table().size() == 2; }));
  const auto match = table().match(ip("10.1.2.3"));
  ASSERT_TRUE(match);
  EXPECT_EQ(match->route->as_path, "65002");
  EXPECT_EQ(match->route->next_hop, ip("192.0.2.2"));
  const auto ask = [&](const std::string& what) {
    return std::vector<std::string>{"/usr/bin/vtysh", "--vty_socket", directory_.path(), "-c",
                                    what};
  };
  EXPECT_TRUE(says(ask("show bgp ipv4 unicast 203.0.113.7/32"), {"64500 65009", "blackhole"}))
      << said_;
  EXPECT_TRUE(says(ask("show bgp ipv4 flowspec detail"),
                   {"203.0.113.8/32", "203.0.113.9/32", "FS:redirect IP 0x0", "NH 192.0.2.66"}))
      << said_;
}

}  // namespace
}  // namespace fabrix::analyzer
