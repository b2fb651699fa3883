// What the configuration says of a session, with a real BIRD at the other end.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/controller/bird_world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kA = "172.0.0.1";
constexpr std::string_view kB = "172.0.0.11";
constexpr std::string_view kC = "172.0.0.21";
const net::Prefix kNet = World::prefix("140.0.0.0/24");
const net::Prefix kFromA = World::prefix("100.0.0.0/24");

// Long enough for a connection that could be made.
constexpr std::chrono::milliseconds kAWhile{2500};

// BIRD with these words in its session, and in the session's IPv4 channel.
std::string configuration(std::string_view session, std::string_view channel = "") {
  return fmt::format(R"(
router id 172.0.0.11;
protocol device {{ }}
protocol static own4 {{ ipv4; route 140.0.0.0/24 blackhole; }}
protocol bgp rs4 {{
  direct;
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  local 172.0.0.11 as 200;
  neighbor 172.0.255.254 as 65000;
  {}
  ipv4 {{ import all; export where source = RTS_STATIC; {} }};
}}
)",
                     session, channel);
}

class BirdSessionTest : public BirdWorld {
 protected:
  bool is_up() const { return view(kB).state == kUp; }
  bool comes_up() {
    return wait([this] { return is_up(); });
  }
  bool stays_down() {
    return !loop_.run_until([this] { return is_up(); }, kAWhile);
  }
};

// RFC 2385.
TEST_F(BirdSessionTest, Rfc2385_TheRightPasswordAndNoOtherMakesASession) {
  session_of("B").md5_password = "right";
  start();
  configure_bird(configuration("password \"wrong\";"));
  start_bird();
  EXPECT_TRUE(stays_down());
  EXPECT_EQ(view(kB).connections, 0U) << "the kernel lets no such connection through";
  reconfigure_bird(configuration("password \"right\";"));
  ASSERT_TRUE(comes_up());
  EXPECT_TRUE(is_up());
}

TEST_F(BirdSessionTest, Rfc2385_ARouterWithoutAPasswordDoesNotGetIn) {
  session_of("B").md5_password = "right";
  start();
  configure_bird(configuration(""));
  start_bird();
  EXPECT_TRUE(stays_down());
  EXPECT_EQ(view(kB).connections, 0U);
}

// RFC 4808 §2.1: keys change without an end of the session.
TEST_F(BirdSessionTest, APasswordIsRotatedWithoutAReset) {
  session_of("B").md5_password = "old";
  start();
  Speaker& a = establish(kA);
  configure_bird(configuration("password \"old\";"));
  start_bird();
  ASSERT_TRUE(comes_up());
  session_of("B").md5_password = "new";
  reconfigure();
  a.announce(World::path({100}), World::address(kA), {kFromA});
  EXPECT_TRUE(knows("100.0.0.0/24", {"BGP.as_path: 100"})) << "the session goes on: " << said_;
  EXPECT_EQ(view(kB).established_count, 1U);
  // Now the member follows; BIRD begins a new session for that.
  reconfigure_bird(configuration("password \"new\";"));
  ASSERT_TRUE(wait([this] { return view(kB).established_count == 2U; }));
  EXPECT_TRUE(comes_up());
}

// RFC 5082 §3.
TEST_F(BirdSessionTest, Rfc5082_3_OnlyARouterThatSendsTtl255GetsIn) {
  session_of("B").gtsm = true;
  start();
  configure_bird(configuration("ttl security off;"));
  start_bird();
  EXPECT_TRUE(stays_down());
  reconfigure_bird(configuration("ttl security on;"));
  EXPECT_TRUE(comes_up());
}

TEST_F(BirdSessionTest, Rfc5082_3_ARouterThatDemandsTtl255OfUsGetsIt) {
  start();
  configure_bird(configuration("ttl security on;"));
  start_bird();
  EXPECT_TRUE(comes_up());
}

TEST_F(BirdSessionTest, DialsARouterThatWaits) {
  session_of("B").dialling = exchange::Dialling::kActive;
  session_of("B").md5_password = "both ways";
  session_of("B").gtsm = true;
  start();
  configure_bird(configuration("passive on; ttl security on; password \"both ways\";"));
  start_bird();
  EXPECT_TRUE(comes_up());
}

TEST_F(BirdSessionTest, Rfc9234_4_2_AStrictServerWantsTheRole) {
  session_of("B").strict_role = true;
  start();
  configure_bird(configuration(""));
  start_bird();
  ASSERT_TRUE(wait([this] { return view(kB).last_sent.has_value(); }));
  EXPECT_EQ(view(kB).last_sent->code, (bgp::NotificationCode{2, 11}));
  reconfigure_bird(configuration("local role rs_client; require roles;"));
  ASSERT_TRUE(comes_up());
  EXPECT_EQ(view(kB).negotiated->peer_role, bgp::Role::kRouteServerClient);
}

TEST_F(BirdSessionTest, Rfc7911_SendsAllPathsToWhoTakesThem) {
  session_of("B").add_path = true;
  start();
  Speaker& a = establish(kA);
  Speaker& c = establish(kC);
  a.announce(World::path({100, 7}), World::address(kA), {kFromA});
  c.announce(World::path({300, 7}), World::address(kC), {kFromA});
  configure_bird(configuration("", "add paths rx;"));
  start_bird();
  EXPECT_TRUE(knows("100.0.0.0/24", {"BGP.as_path: 100 7", "BGP.as_path: 300 7"})) << said_;
}

// RFC 4724 §4.2, RELIABILITY S-GR.
TEST_F(BirdSessionTest, Rfc4724_4_2_AMemberThatCrashesAndReturnsIsMissedByNobody) {
  start();
  Speaker& a = establish(kA);
  configure_bird(configuration("graceful restart on; graceful restart time 60;"));
  start_bird();
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  kill_bird();
  ASSERT_TRUE(
      wait([this] { return view(kB).ipv4.retention == RouteRetention::Phase::kRestarting; }));
  EXPECT_TRUE(a.routes.contains(kNet));
  start_bird({"-R"});
  ASSERT_TRUE(comes_up());
  ASSERT_TRUE(wait([this] { return view(kB).ipv4.retention == RouteRetention::Phase::kNone; }));
  EXPECT_TRUE(a.routes.contains(kNet));
  EXPECT_EQ(a.withdrawn, 0U);
}

TEST_F(BirdSessionTest, Rfc4724_4_2_AMemberThatCrashesAndStaysAwayIsForgottenInTime) {
  start();
  Speaker& a = establish(kA);
  configure_bird(configuration("graceful restart on; graceful restart time 2;"));
  start_bird();
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  kill_bird();
  ASSERT_TRUE(
      wait([this] { return view(kB).ipv4.retention == RouteRetention::Phase::kRestarting; }));
  EXPECT_TRUE(a.routes.contains(kNet));
  EXPECT_TRUE(wait([&] { return a.routes.empty(); }));
}

// What operators do.

TEST_F(BirdSessionTest, Rfc9003_2_AResetTellsBirdWhyAndItComesBack) {
  start();
  const std::string log = directory_ / "bird.log";
  configure_bird(fmt::format("log \"{}\" all;", log) + configuration(""));
  start_bird();
  ASSERT_TRUE(comes_up());
  ASSERT_TRUE(server_->reset(peer_of(kB), "new optics, ticket 4711"));
  ASSERT_TRUE(wait([this] { return view(kB).established_count == 2U; }));
  std::ostringstream text;
  text << std::ifstream(log).rdbuf();
  EXPECT_NE(text.str().find("Administrative reset: \"new optics, ticket 4711\""), std::string::npos)
      << text.str();
}

TEST_F(BirdSessionTest, Rfc2918_4_BirdSendsItsRoutesAgainAndTakesOursAgain) {
  start();
  Speaker& a = establish(kA);
  a.announce(World::path({100}), World::address(kA), {kFromA});
  configure_bird(configuration(""));
  start_bird();
  ASSERT_TRUE(comes_up());
  ASSERT_TRUE(knows("100.0.0.0/24", {"BGP.as_path: 100"}));
  ASSERT_TRUE(
      wait([this] { return controller_.route_server().route_of(peer_of(kB), kNet).has_value(); }));
  const auto heard = view(kB).counters.updates_in;
  ASSERT_TRUE(server_->refresh(peer_of(kB)));
  EXPECT_TRUE(wait([&] { return view(kB).counters.updates_in > heard; }));

  // "Import updates:  received  rejected  filtered  ignored  accepted".
  const auto received = [](const std::string& said) {
    std::istringstream line(said.substr(std::min(said.find("Import updates:"), said.size())));
    std::string word;
    std::size_t count = 0;
    line >> word >> word >> count;
    return count;
  };
  const std::size_t before = received(birdc({"show", "protocols", "all", "rs4"}));
  ASSERT_TRUE(server_->resend(peer_of(kB)));
  EXPECT_TRUE(wait_for_bird({"show", "protocols", "all", "rs4"}, [&](const std::string& said) {
    return received(said) > before;
  })) << said_;
  EXPECT_EQ(view(kB).established_count, 1U) << "the session stays";
}

}  // namespace
}  // namespace fabrix::controller
