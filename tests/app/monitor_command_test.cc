// `fabrix monitor` and `fabrix show bad` against a real fabrixd with real sessions.
#include <chrono>
#include <csignal>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/addresses.h"
#include "io/links.h"
#include "io/namespace.h"
#include "tests/app/member.h"
#include "tests/app/running_command.h"
#include "tests/app/running_daemon.h"
#include "tests/io/world.h"

namespace fabrix::app {
namespace {

using ::testing::HasSubstr;
using testing::Member;
using ::testing::Not;
using testing::RunningCommand;
using testing::RunningDaemon;

constexpr const char* kReady = "^C ends this";

class MonitorTest : public ::testing::Test {
 protected:
  io::IpEndpoint route_server() const {
    return {.address = *net::IpAddress::parse("127.0.0.2"), .port = daemon_.bgp_port()};
  }

  testing::Scratch scratch_;
  io::EventLoop loop_;
  RunningDaemon daemon_{loop_, scratch_,
                        scratch_.write("exchange.yaml", testing::loopback_exchange())};
};

TEST_F(MonitorTest, ShowsSessionsAsTheyComeAndGo) {
  RunningCommand monitor(loop_, {"monitor", "--socket", daemon_.socket()});
  RunningCommand of_c(loop_, {"monitor", "C", "--sessions", "--socket", daemon_.socket()});
  ASSERT_TRUE(monitor.says(kReady));
  ASSERT_TRUE(of_c.says(kReady));
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(monitor.says("b1 (127.0.0.12) of B, AS 200: up\n"));
  Member c(loop_, "127.0.0.13", 300, route_server());
  ASSERT_TRUE(of_c.says("c1 (127.0.0.13) of C, AS 300: up\n"));
  daemon_.ask({"session", "reset", "B", "--reason", "maintenance"});
  ASSERT_TRUE(monitor.says("of B: down: we sent 6/4 administrative reset: maintenance\n"));
  EXPECT_THAT(of_c.out(), Not(HasSubstr("b1"))) << "nobody asked for it";
  monitor.signal(SIGINT);
  EXPECT_EQ(monitor.ended().signal, SIGINT);
}

TEST_F(MonitorTest, EndsWithADaemonThatGoesAway) {
  RunningCommand monitor(loop_, {"monitor", "--socket", daemon_.socket()});
  ASSERT_TRUE(monitor.says(kReady));
  EXPECT_EQ(daemon_.stop(), io::ExitStatus{});
  EXPECT_EQ(monitor.ended().code, 5);
  EXPECT_THAT(monitor.err(), HasSubstr("fabrix: the stream has ended: fabrixd at " +
                                       daemon_.socket() + " is gone\n"));
}

TEST_F(MonitorTest, KnowsNoStrangers) {
  const auto stranger = daemon_.ask({"monitor", "a11"});
  EXPECT_EQ(stranger.status.code, 3);
  EXPECT_EQ(stranger.err, "fabrix: no router or participant is called 'a11'; did you mean a1?\n");
  EXPECT_EQ(testing::fabrix({"monitor", "--socket", scratch_ / "nobody.sock"}).status.code, 5);
  EXPECT_EQ(daemon_.ask({"monitor", "--sesions"}).status.code, 2);
}

// A next hop on the loopback network is no host's: RFC 7606 §7.3.
TEST_F(MonitorTest, ShowsMalformedUpdatesAndKeepsThem) {
  EXPECT_EQ(daemon_.ask({"show", "bad"}).out, "none\n");
  RunningCommand monitor(loop_, {"monitor", "--socket", daemon_.socket()});
  ASSERT_TRUE(monitor.says(kReady));
  Member b(loop_, "127.0.0.12", 200, route_server());
  ASSERT_TRUE(b.established());
  b.announce("140.0.0.0/24");
  ASSERT_TRUE(
      monitor.says("b1 (127.0.0.12) sent a malformed UPDATE: treat as withdraw: "
                   "NEXT_HOP (3): next hop is not a host address (RFC 7606 §7.3)\n"));
  EXPECT_TRUE(daemon_.says("malformed update peer=127.0.0.12 as=200"));
  EXPECT_TRUE(monitor.says("b1 - 140.0.0.0/24  withdrawn; unknown\n"));
  const auto bad = testing::parse_json(daemon_.ask({"show", "bad", "b1", "--json"}).out);
  const auto& updates = bad.at(0).at("updates").as_array();
  ASSERT_EQ(updates.size(), 1U);
  const std::string hex(updates[0].at("hex").as_string());
  EXPECT_THAT(hex, ::testing::StartsWith(std::string(32, 'f')));
  EXPECT_THAT(hex, ::testing::EndsWith("188c0000")) << "140.0.0.0/24";
  EXPECT_EQ(hex.size(), 2 * updates[0].at("octets").to_number<std::size_t>());
  EXPECT_THAT(daemon_.ask({"show", "bad"}).out, HasSubstr("1 treated as withdraw"));
  EXPECT_EQ(daemon_.ask({"show", "bad", "Z"}).status.code, 3);
}

// On a LAN of its own, because no route may have a next hop on the loopback network.
class MonitorOnALanTest : public io::testing::NamespaceTest {};

TEST_F(MonitorOnALanTest, ShowsRoutesWithTheirVerdict) {
  const io::testing::TestNamespace lan;
  auto netlink = lan.netlink();
  ASSERT_TRUE(io::set_link_up(netlink, "lo"));
  for (const std::string address : {"10.0.0.2", "10.0.0.12"}) {
    ASSERT_TRUE(io::add_address(
        netlink, {.link = "lo", .address = *net::IpAddress::parse(address), .length = 8}));
  }
  const testing::Scratch scratch;
  io::EventLoop loop;
  std::string exchange = testing::loopback_exchange();
  for (std::size_t at = 0; (at = exchange.find("127.", at)) != std::string::npos;) {
    exchange.replace(at, 4, "10.");
  }
  const RunningDaemon daemon(loop, scratch, scratch.write("exchange.yaml", exchange), lan.name());
  const auto inside = io::NamespaceScope::enter(lan.name());
  ASSERT_TRUE(inside);
  RunningCommand monitor(loop, {"monitor", "--routes", "--socket", daemon.socket()});
  RunningCommand lines(loop, {"monitor", "--json", "--socket", daemon.socket()});
  ASSERT_TRUE(monitor.says(kReady));
  Member b(loop, "10.0.0.12", 200,
           {.address = *net::IpAddress::parse("10.0.0.2"), .port = daemon.bgp_port()});
  ASSERT_TRUE(b.established());
  b.announce("140.0.0.0/24");
  EXPECT_TRUE(monitor.says("b1 + 140.0.0.0/24  accepted; next hop 10.0.0.12, path 200 i\n"));
  b.announce("10.9.0.0/16");
  EXPECT_TRUE(monitor.says("b1 + 10.9.0.0/16  filtered: "));
  EXPECT_THAT(monitor.out(), Not(HasSubstr(": up"))) << "routes only";
  // It does not say when it begins.
  const auto told = [&] { return lines.out().find("10.9.0.0/16") != std::string::npos; };
  for (int i = 0; i < 600 && !told(); ++i) {
    b.announce("10.9.0.0/16");
    loop.run_until(told, std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(told());
  const std::string whole = lines.out().substr(0, lines.out().find('\n') + 1);
  for (const auto& event : testing::parse_lines(whole)) {
    EXPECT_TRUE(event.as_object().contains("time"));
  }
}

}  // namespace
}  // namespace fabrix::app
