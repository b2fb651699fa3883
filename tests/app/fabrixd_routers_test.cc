// A real fabrixd that hears a router's table by BGP, finds which of its routes carry traffic, and
// tells those to another router, which puts them into its kernel. Both routers are real ones, in a
// network namespace of their own.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>

#include "io/command.h"
#include "io/datagram_socket.h"
#include "tests/app/ask_http.h"
#include "tests/app/running_daemon.h"
#include "tests/io/world.h"
#include "tests/telemetry/samples.h"

namespace fabrix::app {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using testing::kPatience;

// It announces routes whose next hop is a third router's, which the cable leads to.
constexpr const char* kTeller = R"(router id 10.0.0.2;
protocol device { }
protocol static { ipv4; route 10.1.0.0/16 blackhole; route 10.2.0.0/16 blackhole; }
protocol static { ipv6; route 2001:db8:a::/48 blackhole; route 2001:db8:b::/48 blackhole; }
protocol bgp {
  local 192.0.2.2 as 64502;
  neighbor 192.0.2.1 port 1179 as 64500;
  strict bind;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 { import none; export filter { bgp_next_hop = 192.0.2.7; accept; }; };
  ipv6 { import none; export filter { bgp_next_hop = 2001:db8::7; accept; }; };
}
)";

constexpr const char* kBirdTarget = R"(router id 10.0.0.3;
protocol device { }
protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
protocol kernel { ipv6 { import none; export where source = RTS_BGP; }; }
protocol bgp {
  local 192.0.2.3 as 64500;
  neighbor 192.0.2.1 port 1179 as 64500;
  strict bind;
  direct;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 { gateway direct; import all; export none; };
  ipv6 { gateway direct; import all; export none; };
}
)";

constexpr const char* kFrrTarget = R"(router bgp 64500
 bgp router-id 10.0.0.3
 neighbor 192.0.2.1 remote-as 64500
 neighbor 192.0.2.1 port 1179
 neighbor 192.0.2.1 update-source 192.0.2.3
 neighbor 192.0.2.1 timers connect 1
 address-family ipv4 unicast
  neighbor 192.0.2.1 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor 192.0.2.1 activate
 exit-address-family
)";

constexpr const char* kTelemetry = R"(  telemetry:
    sflow: "192.0.2.1:6343"
    rest: "192.0.2.1:8008"
    bgp:
      listen: "192.0.2.1:1179"
      neighbors:
        - {address: 192.0.2.2, asn: 64500, id: 10.0.0.1, peer_asn: 64502, ipv6: true}
        - {address: 192.0.2.3, asn: 64500, id: 10.0.0.1, peer_asn: 64500, ipv6: true}
    active_routes:
      - {name: edge, router: 192.0.2.2, agents: [192.0.2.9], ipv4: 10, ipv6: 10, bgp: 192.0.2.3}
)";

class FabrixdRoutersTest : public io::testing::CableTest {
 protected:
  void SetUp() override {
    CableTest::SetUp();
    if (IsSkipped()) return;
    if (!std::filesystem::exists("/usr/sbin/bird")) GTEST_SKIP() << "bird is not installed";
    auto netlink = far_->netlink();
    ASSERT_TRUE(io::add_address(
        netlink, {.link = "eth0", .address = io::testing::ip("192.0.2.3"), .length = 24}));
    auto inside = io::NamespaceScope::enter(near_->name());
    ASSERT_TRUE(inside) << inside.error().message;
    inside_.emplace(*std::move(inside));
  }

  void TearDown() override {
    daemon_.reset();
    routers_.clear();
    // Their processes have ended, whatever they had made.
    inside_.reset();
  }

  void start(const std::vector<std::string>& argv) {
    auto child = io::ChildProcess::start(loop_,
                                         {.process = {.argv = argv,
                                                      .network_namespace = far_->name(),
                                                      .parent_death = io::ParentDeath::kKill},
                                          .out = {},
                                          .err = {}},
                                         [](const io::ExitStatus&) {});
    ASSERT_TRUE(child) << child.error().message;
    routers_.push_back(*std::move(child));
  }

  void start_bird(const std::string& name, const char* configuration) {
    const std::string file = scratch_.write(name + ".conf", configuration);
    start({"/usr/sbin/bird", "-f", "-c", file, "-s", scratch_ / (name + ".ctl"), "-P",
           scratch_ / (name + ".pid")});
  }

  // False: it is not installed.
  bool start_frr() {
    const passwd* const user = getpwnam("frr");
    if (user == nullptr || !std::filesystem::exists("/usr/lib/frr/bgpd")) return false;
    std::filesystem::create_directories(scratch_ / "frr");
    const std::string zebra = scratch_.write("frr/zebra.conf", "hostname target\n");
    const std::string bgpd = scratch_.write("frr/bgpd.conf", kFrrTarget);
    for (const std::string& path : {scratch_ / "frr", zebra, bgpd}) {
      EXPECT_EQ(chown(path.c_str(), user->pw_uid, user->pw_gid), 0);
    }
    std::filesystem::permissions(std::filesystem::path(scratch_ / "frr").parent_path(),
                                 std::filesystem::perms::others_exec,
                                 std::filesystem::perm_options::add);
    start_frr_part("zebra", {});
    EXPECT_TRUE(eventually([&] { return std::filesystem::exists(scratch_ / "frr/zserv.api"); }));
    start_frr_part("bgpd", {"-p", "0"});  // it does not listen
    return true;
  }

  void start_frr_part(const std::string& part, const std::vector<std::string>& more) {
    const std::string at = scratch_ / "frr";
    std::vector<std::string> argv{"/usr/lib/frr/" + part,
                                  "-f",
                                  at + "/" + part + ".conf",
                                  "-i",
                                  at + "/" + part + ".pid",
                                  "-z",
                                  at + "/zserv.api",
                                  "--vty_socket",
                                  at,
                                  "-P",
                                  "0"};
    argv.insert(argv.end(), more.begin(), more.end());
    start(argv);
  }

  void start_daemon() {
    std::string text = testing::loopback_exchange();
    text.insert(text.find("  asn: 65000\n"), kTelemetry);
    daemon_.emplace(loop_, scratch_, scratch_.write("exchange.yaml", text), near_->name());
  }

  std::string ask(const std::string& what, const std::string& body = {}) {
    return testing::ask_http(loop_, "192.0.2.1:8008", what, body);
  }

  bool eventually(const std::function<bool()>& is_so) {
    const auto give_up = io::EventLoop::now() + kPatience;
    while (!is_so()) {
      if (io::EventLoop::now() >= give_up) return false;
      loop_.run_until([] { return false; }, std::chrono::milliseconds(50));
    }
    return true;
  }

  // One of 1,000 packets, as the agent 192.0.2.9 says.
  static void sample(const std::string& packet) {
    auto socket = io::DatagramSocket::open(net::Family::kIpv4).value();
    EXPECT_TRUE(socket.send({io::testing::ip("192.0.2.1"), 6343},
                            telemetry::Sampled(sflow::frame(packet)).datagram()));
  }

  // What the router's kernel has of these families, learned from somebody else.
  std::string kernel(const std::string& family) {
    const auto said = io::run_command({.process = {.argv = {"ip", "-n", far_->name(), family,
                                                            "route", "show", "proto", proto_}}});
    return said ? said->out : "";
  }

  json::array neighbors() {
    const auto said = json::parse(ask("GET /bgp/neighbors/json"));
    return said.is_array() ? said.get_array() : json::array();
  }

  bool are_established() {
    const json::array all = neighbors();
    return all.size() == 2 && std::ranges::all_of(all, [](const json::value& one) {
             return one.at("state") == "established";
           });
  }

  // Traffic goes to two of the four routes, and they are in the router's kernel.
  void expect_routes_in_the_kernel() {
    ASSERT_TRUE(eventually([&] { return are_established(); })) << json::serialize(neighbors());
    ASSERT_TRUE(eventually([&] {
      return neighbors().at(0).at("nPrefixes") == 2 && neighbors().at(0).at("nPrefixes6") == 2;
    })) << json::serialize(neighbors());
    EXPECT_EQ(neighbors().at(0).at("address"), "192.0.2.2");
    EXPECT_EQ(neighbors().at(0).at("as"), 64502);
    EXPECT_EQ(ask("PUT /flow/ways/json",
                  R"({"keys":"or:ipdestination:ip6destination,bgpdestinationas,mask:ipdestination",
                      "value":"bytes","t":600})"),
              "");
    ASSERT_TRUE(eventually([&] {
      sample("udp 198.51.100.1:53 -> 10.1.0.1:9");
      sample("udp [2001:db8:f::1]:53 -> [2001:db8:a::1]:9");
      return kernel("-4").find("10.1.0.0/16") != std::string::npos &&
             kernel("-6").find("2001:db8:a::/48") != std::string::npos;
    })) << kernel("-4")
        << kernel("-6") << ask("GET /active/json") << json::serialize(neighbors());
    EXPECT_THAT(kernel("-4"), AllOf(ContainsRegex("10.1.0.0/16 .*via 192.0.2.7 dev eth0"),
                                    ::testing::Not(HasSubstr("10.2.0.0/16"))));
    EXPECT_THAT(kernel("-6"), AllOf(ContainsRegex("2001:db8:a::/48 .*via 2001:db8::7 dev eth0"),
                                    ::testing::Not(HasSubstr("2001:db8:b::/48"))));
    EXPECT_THAT(ask("GET /activeflows/ALL/ways/json"), HasSubstr("\"10.1.0.1,64502,10.1.0.0/16\""));
    EXPECT_EQ(neighbors().at(1).at("pushedPrefixes"), 2);
    // The table goes with its session, and with it what was told of it.
    routers_.erase(routers_.begin());
    EXPECT_TRUE(eventually([&] { return kernel("-4").empty() && kernel("-6").empty(); }))
        << kernel("-4") << kernel("-6");
    EXPECT_EQ(daemon_->stop().code, 0);
  }

  io::EventLoop loop_;
  testing::Scratch scratch_;
  std::optional<io::NamespaceScope> inside_;
  std::vector<io::ChildProcess> routers_;  // the teller first
  std::optional<testing::RunningDaemon> daemon_;
  std::string proto_;
};

TEST_F(FabrixdRoutersTest, BirdPutsActiveRoutesIntoItsKernel) {
  proto_ = "bird";
  start_bird("teller", kTeller);
  start_bird("target", kBirdTarget);
  start_daemon();
  expect_routes_in_the_kernel();
}

TEST_F(FabrixdRoutersTest, FrrPutsActiveRoutesIntoItsKernel) {
  proto_ = "bgp";
  start_bird("teller", kTeller);
  if (!start_frr()) GTEST_SKIP() << "frr is not installed";
  start_daemon();
  expect_routes_in_the_kernel();
}

}  // namespace
}  // namespace fabrix::app
