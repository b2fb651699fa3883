#include "controller/bgp_server.h"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/controller/bgp_world.h"

namespace fabrix::controller {
namespace {

using bgp::NotificationCode;

constexpr std::string_view kA = "172.0.0.1";
constexpr std::string_view kB = "172.0.0.11";
constexpr std::string_view kC = "172.0.0.21";
constexpr std::string_view kStranger = "172.0.0.99";
const net::Prefix kNet = World::prefix("140.0.0.0/24");

class BgpServerTest : public BgpWorld {};

TEST_F(BgpServerTest, RoutesFlowFromOneMemberToAnotherAndGoAgain) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  b.announce(World::path({200, 7}), World::address(kB), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  EXPECT_EQ(a.routes[kNet].next_hop, World::address(kB)) << "the next hop is left alone";
  EXPECT_EQ(a.routes[kNet].attributes->as_path.to_string(), "200 7") << "so is the path";
  b.withdraw({kNet});
  ASSERT_TRUE(wait([&] { return a.routes.empty(); }));
  EXPECT_TRUE(b.routes.empty()) << "nobody hears his own";
}

TEST_F(BgpServerTest, SessionsAndRoutesOfIpv6GoTheSameWay) {
  start();
  Speaker& a = establish("2001:db8:ff::1");
  Speaker& b = establish("2001:db8:ff::11");
  const auto prefix = World::prefix("2001:db8:1::/48");
  b.announce(World::path({200}), World::address("2001:db8:ff::11"), {prefix});
  ASSERT_TRUE(wait([&] { return a.routes.contains(prefix); }));
  EXPECT_EQ(a.routes[prefix].next_hop, World::address("2001:db8:ff::11"));
}

TEST_F(BgpServerTest, APolicyChangesTheNextHopOnly) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  b.announce(World::path({200, 7}), World::address(kB), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  ASSERT_TRUE(controller_.set_policy(exchange_.find_participant("A")->id,
                                     "outbound = match(dstport=80) >> fwd(B)", "A.policy"));
  const auto range = World::prefix("172.0.1.0/24");
  ASSERT_TRUE(wait([&] { return range.contains(a.routes[kNet].next_hop); }));
  EXPECT_EQ(a.routes[kNet].attributes->as_path.to_string(), "200 7");
}

TEST_F(BgpServerTest, ALostSessionTakesItsRoutesAndMayComeBack) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  b.announce(World::path({200}), World::address(kB), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  b.stream.reset();
  ASSERT_TRUE(wait([&] { return a.routes.empty(); }));
  ASSERT_TRUE(wait([&] { return view(kB).state == bgp::SessionState::kIdle; }));
  EXPECT_FALSE(view(kB).last_error.empty());
  Speaker& again = establish(kB);
  again.announce(World::path({200}), World::address(kB), {kNet});
  EXPECT_TRUE(wait([&] { return a.routes.contains(kNet); }));
}

TEST_F(BgpServerTest, ASecondConnectionOfAnEstablishedPeerIsRefused) {
  start();
  Speaker& first = establish(kB);
  Speaker& second = connect(kB);
  ASSERT_TRUE(wait([&] { return second.ended; }));
  EXPECT_EQ(second.told_off(), (NotificationCode{6, 7}));
  EXPECT_FALSE(first.down);
  EXPECT_EQ(view(kB).state, kUp);
}

TEST_F(BgpServerTest, AConnectionThatIsStillOpeningMakesRoomForANewerOne) {
  start();
  Speaker& first = connect(kB);
  first.be_silent();
  ASSERT_TRUE(wait([&] { return first.is_connected(); }));
  ASSERT_TRUE(wait([&] { return view(kB).state != bgp::SessionState::kIdle; }));
  Speaker& second = establish(kB);
  ASSERT_TRUE(wait([&] { return first.ended; }));
  EXPECT_EQ(first.told_off(), (NotificationCode{6, 7}));
  EXPECT_TRUE(second.is_up());
}

TEST_F(BgpServerTest, AStrangerIsTurnedAwayWithoutAWord) {
  start();
  Speaker& stranger = connect(kStranger);
  ASSERT_TRUE(wait([&] { return stranger.ended; }));
  EXPECT_EQ(stranger.told_off(), NotificationCode{});
  EXPECT_FALSE(stranger.is_up());
}

TEST_F(BgpServerTest, AMemberWithAnothersAsNumberIsToldSo) {
  start();
  Speaker& wrong = connect(kB, [](bgp::SessionConfig& config) { config.local_as = net::Asn{7}; });
  ASSERT_TRUE(wait([&] { return wrong.ended; }));
  EXPECT_EQ(wrong.told_off(), (NotificationCode{2, 2}));
}

TEST_F(BgpServerTest, GarbageIsAnsweredOnTheWireAndHarmsNobodyElse) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  // Much more than the server has read when it finds the first octets wrong: closing a socket with
  // unread input would destroy the answer.
  b.write(std::vector<std::byte>(std::size_t{256} << 10U, std::byte{0}));
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(b.told_off(), (NotificationCode{1, 1}));
  EXPECT_TRUE(a.is_up());
  EXPECT_EQ(view(kA).state, kUp);
}

TEST_F(BgpServerTest, GarbageInsteadOfAnOpenIsAnsweredToo) {
  start();
  Speaker& b = connect(kB);
  b.be_silent();
  ASSERT_TRUE(wait([&] { return b.is_connected(); }));
  b.write(io::testing::bytes_of("GET / HTTP/1.1\r\nHost: fabrix\r\n\r\n"));
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(b.told_off(), (NotificationCode{1, 1}));
}

TEST_F(BgpServerTest, ASilentPeerIsGivenUpWhenItsHoldTimeIsOver) {
  session_of("B").hold_time = std::chrono::seconds(3);
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  b.announce(World::path({200}), World::address(kB), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  b.be_silent();
  ASSERT_TRUE(wait([&] { return b.ended; }));
  EXPECT_EQ(b.told_off(), bgp::kHoldTimerExpired);
  EXPECT_TRUE(wait([&] { return a.routes.empty(); }));
  EXPECT_TRUE(a.is_up()) << "it keeps its session alive";
}

TEST_F(BgpServerTest, ARefreshRepeatsEverything) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  b.announce(World::path({200}), World::address(kB), {kNet});
  ASSERT_TRUE(wait([&] { return a.announced == 1; }));
  a.refresh(net::Family::kIpv4);
  EXPECT_TRUE(wait([&] { return a.announced == 2; }));
}

TEST_F(BgpServerTest, AReaderWhoDoesNotReadHoldsNobodyUpAndMissesNothing) {
  start();
  Speaker& slow = establish(kA);
  Speaker& quick = establish(kC);
  Speaker& b = establish(kB);
  slow.stream->pause_reading();
  // Each prefix with attributes of its own, so that the whole is more than the sockets hold.
  constexpr std::uint32_t kCount = 12'000;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    bgp::PathAttributes attributes = World::path({200});
    attributes.communities.assign(200, bgp::Community{0x12340000U | i});
    const auto octet = [i](unsigned shift) { return static_cast<std::uint8_t>(i >> shift); };
    const auto address = net::IpAddress::v4({150, octet(8), octet(0), 0});
    b.announce(attributes, World::address(kB), {net::Prefix::containing(address, 24).value()});
  }
  ASSERT_TRUE(wait([&] { return quick.routes.size() == kCount; })) << quick.routes.size();
  EXPECT_LT(slow.routes.size(), std::size_t{kCount});
  // It hears of the newest state, not of all that was.
  b.withdraw({World::prefix("150.46.223.0/24")});
  ASSERT_TRUE(wait([&] { return quick.routes.size() == kCount - 1; }));
  slow.stream->resume_reading();
  EXPECT_TRUE(wait([&] { return slow.routes.size() == kCount - 1; })) << slow.routes.size();
  EXPECT_TRUE(slow.is_up());
}

TEST_F(BgpServerTest, AShutdownIsAnnouncedToAllWithItsReason) {
  start();
  Speaker& a = establish(kA);
  Speaker& b = establish(kB);
  server_->shut_down("maintenance");
  ASSERT_TRUE(wait([&] { return a.ended && b.ended; }));
  EXPECT_EQ(a.told_off(), (NotificationCode{6, 2}));
  EXPECT_EQ(bgp::shutdown_text(*b.down->received), "maintenance");
}

TEST_F(BgpServerTest, AnAddressThatIsNotOursIsAnError) {
  exchange_.route_server.addresses = {World::address("172.9.9.9")};
  controller_.reconfigure(exchange_);
  const auto server = BgpServer::start(loop_, controller_, {.port = kBgpPort});
  ASSERT_FALSE(server);
  EXPECT_NE(server.error().message.find("172.9.9.9"), std::string::npos) << server.error().message;
}

}  // namespace
}  // namespace fabrix::controller
