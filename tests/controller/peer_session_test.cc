#include "controller/peer_session.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/controller/bgp_world.h"

namespace fabrix::controller {
namespace {

using bgp::NotificationCode;
using Phase = RouteRetention::Phase;
using std::chrono::seconds;

constexpr std::string_view kA = "172.0.0.1";
constexpr std::string_view kB = "172.0.0.11";
constexpr std::string_view kB6 = "2001:db8:ff::11";
const net::Prefix kNet = World::prefix("140.0.0.0/24");
const net::Prefix kNet2 = World::prefix("140.0.1.0/24");
const net::Prefix kNet3 = World::prefix("140.0.2.0/24");

// What a member says that restarts gracefully.
void restarts(bgp::SessionConfig& config) {
  config.graceful_restart = bgp::GracefulRestartOffer{.restart_time = seconds(60)};
}

class PeerSessionTest : public BgpWorld {
 protected:
  Phase retention() const { return view(kB).ipv4.retention; }
  static void announce(Speaker& b, const std::vector<net::Prefix>& prefixes) {
    b.announce(World::path({200}), World::address(kB), prefixes);
  }
  exchange::PrefixLimit& limit_of(std::string_view participant) {
    return exchange_.participants[exchange_.find_participant(participant)->id.index()].import.limit;
  }
  // The first words of a member, by hand.
  static std::vector<std::byte> open_of(const bgp::Session& session) {
    bgp::Session same(session.config());
    return same.connected(io::EventLoop::now()).bytes;
  }
  // The code that this connection, a new one, is told off with.
  NotificationCode refusal() {
    Speaker& speaker = connect(kB);
    EXPECT_TRUE(wait([&] { return speaker.ended; }));
    return speaker.told_off();
  }
};

// Graceful restart: the helper's side.

TEST_F(PeerSessionTest, Rfc4724_4_2_RoutesOutliveARestartAndGoAtTheEndOfRibIfNotRepeated) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet, kNet2});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 2; }));
  b.die();
  ASSERT_TRUE(wait([&] { return retention() == Phase::kRestarting; }));
  EXPECT_EQ(a.routes.size(), 2U);
  Speaker& again = establish(kB, restarts);
  EXPECT_EQ(retention(), Phase::kReturned);
  announce(again, {kNet});
  again.end_of_rib(net::Family::kIpv4);
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  EXPECT_TRUE(a.routes.contains(kNet));
  EXPECT_EQ(a.withdrawn, 1U);
  EXPECT_EQ(retention(), Phase::kNone);
}

TEST_F(PeerSessionTest, Rfc4724_4_2_WhoReturnsWithoutTheCapabilityHasKeptNothing) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  b.die();
  ASSERT_TRUE(wait([&] { return retention() == Phase::kRestarting; }));
  establish(kB);
  EXPECT_TRUE(wait([&] { return a.routes.empty(); }));
}

TEST_F(PeerSessionTest, Rfc4724_4_2_ThePolicyBoundsHowLongRoutesStay) {
  session_of("B").graceful_restart = seconds(1);
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  b.die();
  ASSERT_TRUE(wait([&] { return retention() == Phase::kRestarting; }));
  EXPECT_TRUE(wait([&] { return a.routes.empty(); }));
}

TEST_F(PeerSessionTest, Rfc4724_4_2_ANewConnectionOfARestartedPeerTakesTheOldOnesPlace) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  Speaker& again = connect(kB, restarts);
  ASSERT_TRUE(wait([&] { return again.is_up() && b.ended; }));
  EXPECT_EQ(b.told_off(), NotificationCode{});
  announce(again, {kNet});
  again.end_of_rib(net::Family::kIpv4);
  ASSERT_TRUE(wait([&] { return retention() == Phase::kNone; }));
  EXPECT_EQ(a.withdrawn, 0U);
}

TEST_F(PeerSessionTest, Rfc9494_4_2_RoutesStayForLongAsTheLastChoice) {
  const auto for_long = [](bgp::SessionConfig& config) {
    config.graceful_restart = bgp::GracefulRestartOffer{.restart_time = seconds(0)};
    config.long_lived = {.families = {.ipv4 = true, .ipv6 = true}, .stale_time = seconds(3)};
  };
  session_of("A").long_lived = seconds(60);
  session_of("B").long_lived = seconds(60);
  start();
  Speaker& a = establish(kA, for_long);
  Speaker& b = establish(kB, for_long);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  b.die();
  ASSERT_TRUE(wait([&] { return retention() == Phase::kLongLived; }));
  ASSERT_TRUE(wait([&] { return !a.routes[kNet].attributes->communities.empty(); }));
  EXPECT_EQ(a.routes[kNet].attributes->communities.front(), bgp::Community{0xffff0006});
  EXPECT_TRUE(wait([&] { return a.routes.empty(); })) << "after the stale time";
}

TEST_F(PeerSessionTest, Rfc7313_4_WhatARefreshDoesNotRepeatGoesAtItsEnd) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  announce(b, {kNet, kNet2});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 2; }));
  b.say(b.session().begin_refresh(net::Family::kIpv4));
  announce(b, {kNet2});
  ASSERT_TRUE(wait([&] { return retention() == Phase::kRefreshing; }));
  EXPECT_EQ(a.routes.size(), 2U);
  b.say(b.session().end_refresh(net::Family::kIpv4));
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  EXPECT_TRUE(a.routes.contains(kNet2));
}

// Graceful restart: the restarting side.

TEST_F(PeerSessionTest, Rfc4724_4_1_AfterARestartNothingIsSaidUntilAllHaveSaidTheirs) {
  for (const auto& each : exchange_.participants) {
    if (each.name != "B") session_of(each.name).graceful_restart = seconds(0);
  }
  start({.restarting = Restarting::kYes, .selection_deferral = seconds(60)});
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  Speaker& b6 = establish(kB6, restarts);
  EXPECT_TRUE(b.session().peer()->negotiated.graceful_restart->restarted) << "the R bit";
  announce(b, {kNet});
  for (Speaker* each : {&b, &b6}) each->end_of_rib(net::Family::kIpv4);
  b.end_of_rib(net::Family::kIpv6);
  ASSERT_TRUE(wait([&] { return view(kB).counters.updates_in == 3; }));
  EXPECT_TRUE(server_->is_deferring());
  EXPECT_EQ(a.announced + a.ends_of_rib, 0U);
  b6.end_of_rib(net::Family::kIpv6);
  ASSERT_TRUE(wait([&] { return a.ends_of_rib == 2; }));
  EXPECT_EQ(a.announced, 1U);
  EXPECT_FALSE(server_->is_deferring());
}

TEST_F(PeerSessionTest, Rfc4724_4_1_TheDeferralEndsInTimeWhoeverIsMissing) {
  start({.restarting = Restarting::kYes, .selection_deferral = std::chrono::milliseconds(400)});
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  announce(b, {kNet});
  EXPECT_TRUE(wait([&] { return a.announced == 1 && a.ends_of_rib == 2; }));
}

TEST_F(PeerSessionTest, Rfc4724_4_1_OnlyThoseAreAwaitedThatWereThere) {
  start({.restarting = Restarting::kYes,
         .awaited = std::vector{World::address(kB)},
         .selection_deferral = seconds(60)});
  Speaker& a = establish(kA);
  EXPECT_TRUE(server_->is_deferring());
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet});
  b.end_of_rib(net::Family::kIpv4);
  b.end_of_rib(net::Family::kIpv6);
  EXPECT_TRUE(wait([&] { return a.announced == 1 && a.ends_of_rib == 2; }));
}

TEST_F(PeerSessionTest, ANextProcessWouldWaitForThoseThatRestartAndAreThereOrExpected) {
  session_of("B").graceful_restart = seconds(1);
  start({.restarting = Restarting::kYes,
         .awaited = std::vector{World::address(kB), World::address(kB6)},
         .selection_deferral = seconds(60)});
  std::size_t told = 0;
  server_->on_worth_awaiting_changed = [&] { ++told; };
  const auto both = std::vector{World::address(kB), World::address(kB6)};
  EXPECT_EQ(server_->worth_awaiting(), both) << "still awaited";
  Speaker& b = establish(kB, restarts);
  Speaker& b6 = establish(kB6);
  EXPECT_EQ(told, 2U);
  establish(kA);
  EXPECT_EQ(server_->worth_awaiting(), std::vector{World::address(kB)}) << "kB6 does not restart";
  b6.die();
  announce(b, {kNet});
  b.end_of_rib(net::Family::kIpv4);
  b.end_of_rib(net::Family::kIpv6);
  ASSERT_TRUE(wait([&] { return !server_->is_deferring(); }));
  b.die();
  ASSERT_TRUE(wait([&] { return retention() == Phase::kRestarting; }));
  EXPECT_EQ(server_->worth_awaiting(), std::vector{World::address(kB)}) << "is to come back";
  const std::size_t before = told;
  EXPECT_TRUE(wait([&] { return server_->worth_awaiting().empty(); }));
  EXPECT_GT(told, before);
}

// Limits.

TEST_F(PeerSessionTest, Rfc4486_4_WhoPassesTheLimitIsRefusedUntilItsTimeOrCleared) {
  limit_of("B").ipv4 = 2;
  limit_of("B").action = exchange::LimitAction::kRestart;
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  announce(b, {kNet, kNet2});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 2; })) << "the limit itself is allowed";
  EXPECT_EQ(view(kB).ipv4.limit, LimitState::kNear);
  announce(b, {kNet3});
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(b.down->received, bgp::maximum_prefixes_cease(net::Family::kIpv4, 2));
  EXPECT_TRUE(wait([&] { return a.routes.empty(); }));
  EXPECT_EQ(view(kB).bar, Bar::kPrefixLimit);
  EXPECT_EQ(view(kB).ipv4.limit, LimitState::kPassed);
  EXPECT_TRUE(view(kB).barred_until.has_value());
  EXPECT_EQ(refusal(), (NotificationCode{6, 5}));
  server_->clear(peer_of(kB));
  establish(kB);
}

TEST_F(PeerSessionTest, APassedLimitOfKindShutdownHoldsUntilCleared) {
  limit_of("B").ipv4 = 1;
  start();
  Speaker& b = establish(kB);
  announce(b, {kNet, kNet2});
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(view(kB).bar, Bar::kPrefixLimit);
  EXPECT_FALSE(view(kB).barred_until.has_value());
  EXPECT_EQ(refusal(), (NotificationCode{6, 5}));
}

// Dialling and collisions.

TEST_F(PeerSessionTest, DialsUntilTheRouterAnswers) {
  session_of("B").dialling = exchange::Dialling::kActive;
  start({.dialling = {.least = std::chrono::milliseconds(10)}});
  ASSERT_TRUE(view(kB).next_dial.has_value());
  const io::Listener listener = await_dialling(kB);
  EXPECT_TRUE(wait([&] { return view(kB).state == kUp; }));
  EXPECT_FALSE(view(kB).next_dial.has_value());
}

TEST_F(PeerSessionTest, Rfc4271_6_8_OfTwoConnectionsTheHigherIdentifiersOwnSurvives) {
  for (const std::uint32_t identifier : {1U, 0xffffffffU}) {
    SCOPED_TRACE(identifier);
    const auto change = [identifier](bgp::SessionConfig& config) {
      config.bgp_identifier = identifier;
    };
    session_of("B").dialling = exchange::Dialling::kActive;
    start({.dialling = {.least = std::chrono::milliseconds(10)}});
    const std::size_t before = speakers_.size();
    const io::Listener listener = await_dialling(kB, change, Speaker::Manner::kSilent);
    ASSERT_TRUE(wait([&] { return speakers_.size() > before; }));
    Speaker& dialled = *speakers_[before];
    Speaker& own = connect(kB, change);
    own.be_silent();
    ASSERT_TRUE(wait([&] { return own.is_connected() && view(kB).connections == 2; }));
    own.write(open_of(own.session()));
    ASSERT_TRUE(wait([&] { return view(kB).state == bgp::SessionState::kOpenConfirm; }));
    dialled.write(open_of(dialled.session()));
    Speaker& loser = identifier == 1U ? own : dialled;
    Speaker& winner = identifier == 1U ? dialled : own;
    ASSERT_TRUE(wait([&] { return loser.ended; }));
    EXPECT_EQ(loser.told_off(), (NotificationCode{6, 7}));
    EXPECT_FALSE(winner.ended);
    server_.reset();
  }
}

// Storms.

TEST_F(PeerSessionTest, AStormOfConnectionsIsBoundedAndHarmsNobodyElse) {
  start();
  Speaker& a = establish(kA);
  constexpr std::size_t kStorm = 60;
  std::vector<Speaker*> storm;
  for (std::size_t i = 0; i < kStorm; ++i) {
    storm.push_back(&connect(kB));
    storm.back()->be_silent();
  }
  ASSERT_TRUE(wait([&] { return view(kB).connections == kStorm; }));
  EXPECT_GE(view(kB).refused, kStorm - Admission::kMostInWindow);
  ASSERT_TRUE(wait([&] {
    return std::ranges::count_if(storm, [](const Speaker* each) { return each->ended; }) >=
           static_cast<std::ptrdiff_t>(kStorm - 2);
  })) << "two at most are on their way";
  EXPECT_TRUE(a.is_up());
}

// Operators.

TEST_F(PeerSessionTest, Rfc4486_4_ADisabledSessionEndsAndStaysAwayUntilEnabled) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  server_->disable(peer_of(kB), "unpaid");
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(bgp::shutdown_text(*b.down->received), "unpaid");
  EXPECT_TRUE(wait([&] { return a.routes.empty(); })) << "no retention of what we ended";
  EXPECT_EQ(view(kB).bar, Bar::kDisabled);
  EXPECT_EQ(refusal(), (NotificationCode{6, 5}));
  server_->enable(peer_of(kB));
  establish(kB);
}

TEST_F(PeerSessionTest, Rfc8538_5_AHardResetLeavesNoRoutesOnEitherSide) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB, restarts);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.size() == 1; }));
  ASSERT_TRUE(server_->reset(peer_of(kB), Reset::kHard));
  ASSERT_TRUE(wait([&] { return b.ended && a.routes.empty(); }));
  EXPECT_EQ(b.told_off(), bgp::kHardResetCode);
  EXPECT_FALSE(b.down->graceful);
  ASSERT_TRUE(view(kB).last_sent.has_value());
  establish(kB, restarts);
  EXPECT_EQ(view(kB).established_count, 2U);
}

TEST_F(PeerSessionTest, Rfc2918_ASoftResetAsksAndRepeatsAndEndsNothing) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  announce(b, {kNet});
  ASSERT_TRUE(wait([&] { return a.announced == 1; }));
  ASSERT_TRUE(server_->reset(peer_of(kA), Reset::kSoft));
  EXPECT_TRUE(wait([&] { return a.announced == 2 && a.refreshes_asked == 2; }));
  EXPECT_TRUE(a.is_up());
  ASSERT_TRUE(server_->refresh(peer_of(kA)));
  EXPECT_TRUE(wait([&] { return a.refreshes_asked == 4; }));
  EXPECT_FALSE(server_->refresh(peer_of("172.0.0.31"))) << "there is no session";
}

TEST_F(PeerSessionTest, Rfc4486_4_WhoIsTakenOutOfTheConfigurationIsToldSo) {
  start();
  Speaker& b = establish(kB);
  const exchange::SessionChange change{.address = World::address(kB),
                                       .router = exchange_.find_router("b1")->id,
                                       .effect = exchange::SessionEffect::kRemoved};
  server_->end_sessions({&change, 1});
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(b.told_off(), (NotificationCode{6, 3}));
}

}  // namespace
}  // namespace fabrix::controller
