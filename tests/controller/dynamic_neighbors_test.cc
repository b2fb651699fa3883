#include "controller/dynamic_neighbors.h"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/reload.h"
#include "tests/controller/bgp_world.h"

namespace fabrix::controller {
namespace {

using bgp::NotificationCode;

constexpr std::string_view kA = "172.0.0.1";
constexpr std::string_view kGuest = "172.0.9.1";
constexpr std::string_view kOther = "172.0.9.2";
constexpr std::string_view kThird = "172.0.9.3";
const net::Prefix kNet = World::prefix("140.0.0.0/24");

// Changes at once, and nobody lingers.
constexpr DynamicNeighbors::Times kAtOnce{.patience = std::chrono::seconds(60),
                                          .spacing = std::chrono::milliseconds(0),
                                          .linger = std::chrono::milliseconds(0),
                                          .most_in_a_second = 100'000};

class DynamicNeighborsTest : public BgpWorld {
 protected:
  void SetUp() override {
    BgpWorld::SetUp();
    if (IsSkipped()) return;
    // On a loopback all addresses of a prefix are the host's.
    auto netlink = namespace_->netlink();
    for (const auto* const own : {"172.0.9.1", "172.0.10.1"}) {
      ASSERT_TRUE(
          io::add_address(netlink, {.link = "lo", .address = World::address(own), .length = 24}));
    }
    exchange_.route_server.dynamic = {range("172.0.9.0/24")};
  }

  exchange::DynamicRange range(std::string_view prefix, std::uint16_t limit = 10) const {
    return {.prefix = World::prefix(prefix),
            .asns = {},
            .limit = limit,
            .session = exchange_.route_server.session,
            .import = exchange_.route_server.import};
  }
  exchange::DynamicRange& first() { return exchange_.route_server.dynamic.at(0); }

  void serve(const DynamicNeighbors::Times& times = kAtOnce) { start({.dynamic = times}); }

  static std::function<void(bgp::SessionConfig&)> as(std::uint32_t asn) {
    return [asn](bgp::SessionConfig& config) { config.local_as = net::Asn{asn}; };
  }

  const exchange::Exchange& now() const { return controller_.exchange(); }
  const exchange::Participant* made(const std::string& name) const {
    return now().find_participant(name);
  }
  std::size_t neighbours() const {
    return exchange::neighbors_of(now(), now().route_server.dynamic.at(0));
  }
  bool comes_up(Speaker& speaker) {
    return wait([&] { return speaker.is_up(); });
  }

  // What a reload of exchange_ does.
  void reload() {
    auto reload = exchange::plan(now(), exchange_);
    ASSERT_TRUE(reload);
    server_->end_sessions(reload->sessions);
    controller_.reconfigure(std::move(reload->exchange));
    ASSERT_TRUE(server_->reconfigured());
  }

  // A speaker whose connection has these options.
  Speaker* call(std::string_view from, const io::TcpOptions& tcp) {
    io::ConnectOptions options;
    options.source = io::IpEndpoint{.address = World::address(from), .port = 0};
    options.tcp = tcp;
    std::optional<io::ByteStream> stream;
    const io::Connector connector(
        loop_, io::IpEndpoint{.address = World::address("172.0.255.254"), .port = kBgpPort},
        options, [&](Result<io::ByteStream> connected) {
          if (connected) stream.emplace(*std::move(connected));
        });
    if (!loop_.run_until([&] { return stream.has_value(); }, std::chrono::milliseconds(1500))) {
      return nullptr;
    }
    const bgp::SessionConfig config{
        .local_as = net::Asn{9}, .bgp_identifier = 77, .peer_as = exchange_.asn};
    speakers_.push_back(
        std::make_unique<Speaker>(loop_, config, *std::move(stream), Speaker::Manner::kTalkative));
    return speakers_.back().get();
  }
};

TEST_F(DynamicNeighborsTest, ASessionFromAPrefixBecomesANeighbourWithoutBeingListed) {
  serve();
  Speaker& a = establish(kA);
  Speaker& guest = connect(kGuest, as(64600));
  ASSERT_TRUE(comes_up(guest));
  ASSERT_NE(made("AS64600-172.0.9.1"), nullptr);
  EXPECT_EQ(made("AS64600-172.0.9.1")->dynamic, World::prefix("172.0.9.0/24"));
  guest.announce(World::path({64600, 7}), World::address(kGuest), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  EXPECT_EQ(a.routes[kNet].next_hop, World::address(kGuest));
  const auto other = World::prefix("150.0.0.0/24");
  a.announce(World::path({100}), World::address(kA), {other});
  EXPECT_TRUE(wait([&] { return guest.routes.contains(other); }));
  EXPECT_EQ(controller_.counters().refused, 0U) << "the fabric has no objection";
}

// It has no port, so where the fabric forwards by policy its routes would lead nowhere.
TEST_F(DynamicNeighborsTest, WhereThereArePoliciesItsRoutesAreNotUsed) {
  serve();
  Speaker& a = establish(kA);
  Speaker& b = establish("172.0.0.11");
  Speaker& guest = connect(kGuest, as(64600));
  ASSERT_TRUE(comes_up(guest));
  b.announce(World::path({200, 7, 8}), World::address("172.0.0.11"), {kNet});
  guest.announce(World::path({64600}), World::address(kGuest), {kNet});
  const auto hears = [&](std::size_t length) {
    return wait([&, length] {
      return a.routes.contains(kNet) && a.routes[kNet].attributes->as_path.length() == length;
    });
  };
  ASSERT_TRUE(hears(1));
  const auto id = now().find_participant("A")->id;
  ASSERT_TRUE(controller_.set_policy(id, "outbound = match(dstport=80) >> fwd(B)", "A.policy"));
  ASSERT_TRUE(hears(3));
  ASSERT_TRUE(comes_up(connect(kOther, as(64601))));
  EXPECT_EQ(controller_.counters().refused, 0U) << controller_.notices().back().text;
  EXPECT_FALSE(controller_.suspended());
  controller_.remove_policy(id);
  EXPECT_TRUE(hears(1));
}

TEST_F(DynamicNeighborsTest, WhenItIsGoneSoIsTheNeighbour) {
  first().session.graceful_restart = std::chrono::seconds(0);
  serve();
  Speaker& a = establish(kA);
  Speaker& guest = connect(kGuest, as(64600));
  ASSERT_TRUE(comes_up(guest));
  guest.announce(World::path({64600}), World::address(kGuest), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  guest.die();
  ASSERT_TRUE(wait([&] { return a.routes.empty(); }));
  ASSERT_TRUE(wait([&] { return made("AS64600-172.0.9.1") == nullptr; }));
  EXPECT_TRUE(a.is_up()) << "nobody else notices";
  EXPECT_FALSE(controller_.route_server().find_peer(World::address(kGuest)));
}

TEST_F(DynamicNeighborsTest, Rfc4724_4_2_ItStaysWhileItsRoutesAreKept) {
  first().session.graceful_restart = std::chrono::seconds(1);
  serve();
  Speaker& a = establish(kA);
  const auto restarting = [](bgp::SessionConfig& config) {
    config.local_as = net::Asn{64600};
    config.graceful_restart = {.restart_time = std::chrono::seconds(60)};
  };
  Speaker& guest = connect(kGuest, restarting);
  ASSERT_TRUE(comes_up(guest));
  guest.announce(World::path({64600}), World::address(kGuest), {kNet});
  ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); }));
  guest.die();
  ASSERT_TRUE(wait([&] { return view(kGuest).state == bgp::SessionState::kIdle; }));
  EXPECT_TRUE(a.routes.contains(kNet));
  EXPECT_NE(made("AS64600-172.0.9.1"), nullptr);
  ASSERT_TRUE(wait([&] { return made("AS64600-172.0.9.1") == nullptr; }));
  EXPECT_TRUE(wait([&] { return a.routes.empty(); }));
}

TEST_F(DynamicNeighborsTest, Rfc4271_6_2_AnAsThatIsNotWelcomeIsToldSo) {
  first().asns = {{{64512}, {65534}}};
  serve();
  Speaker& wrong = connect(kGuest, as(7));
  ASSERT_TRUE(wait([&] { return wrong.ended; }));
  EXPECT_EQ(wrong.told_off(), (NotificationCode{2, 2}));
  Speaker& own = connect(kOther, as(65000));
  ASSERT_TRUE(wait([&] { return own.ended; }));
  EXPECT_EQ(own.told_off(), (NotificationCode{2, 2})) << "our own AS";
  EXPECT_EQ(neighbours(), 0U);
  EXPECT_TRUE(comes_up(connect(kThird, as(64512))));
}

TEST_F(DynamicNeighborsTest, Rfc4486_4_WhoComesAfterTheLimitIsRefused) {
  first().limit = 2;
  serve();
  ASSERT_TRUE(comes_up(connect(kGuest)));
  ASSERT_TRUE(comes_up(connect(kOther)));
  Speaker& third = connect(kThird);
  ASSERT_TRUE(wait([&] { return third.ended; }));
  EXPECT_EQ(third.told_off(), (NotificationCode{6, 5}));
  EXPECT_EQ(neighbours(), 2U);
}

TEST_F(DynamicNeighborsTest, Rfc4486_4_OfManyAtOnceNoMoreThanTheLimitGetIn) {
  first().limit = 3;
  serve();
  for (int i = 1; i <= 12; ++i) connect(fmt::format("172.0.9.{}", i));
  const auto count = [&](auto is) { return std::ranges::count_if(speakers_, is); };
  ASSERT_TRUE(wait([&] {
    return count([](const auto& one) { return one->is_up(); }) == 3 &&
           count([](const auto& one) { return one->ended; }) == 9;
  }));
  EXPECT_EQ(neighbours(), 3U);
  EXPECT_EQ(count([](const auto& one) { return one->told_off() == NotificationCode{6, 5}; }), 9);
}

TEST_F(DynamicNeighborsTest, Rfc4271_6_8_OfTwoThatWaitTheNewerStays) {
  serve({.spacing = std::chrono::milliseconds(0)});
  Speaker& first = connect(kGuest);
  first.be_silent();
  ASSERT_TRUE(wait([&] { return first.is_connected(); }));
  Speaker& second = connect(kGuest);
  ASSERT_TRUE(comes_up(second));
  ASSERT_TRUE(wait([&] { return first.ended; }));
  EXPECT_EQ(first.told_off(), (NotificationCode{6, 7}));
  Speaker& late = connect(kGuest);
  ASSERT_TRUE(wait([&] { return late.ended; }));
  EXPECT_EQ(late.told_off(), (NotificationCode{6, 7})) << "what is established stays";
  EXPECT_TRUE(second.is_up());
}

TEST_F(DynamicNeighborsTest, WhoSaysNothingIsNotWaitedForForEver) {
  auto times = kAtOnce;
  times.patience = std::chrono::milliseconds(10);
  serve(times);
  Speaker& silent = connect(kGuest);
  silent.be_silent();
  ASSERT_TRUE(wait([&] { return silent.ended; }));
  EXPECT_EQ(neighbours(), 0U);
}

TEST_F(DynamicNeighborsTest, WhatIsNoOpenIsRefused) {
  serve();
  Speaker& rude = connect(kGuest);
  rude.be_silent();
  ASSERT_TRUE(wait([&] { return rude.is_connected(); }));
  rude.write(std::array<std::byte, 19>{});
  ASSERT_TRUE(wait([&] { return rude.ended; }));
  EXPECT_EQ(rude.told_off(), (NotificationCode{1, 1})) << "RFC 4271 §6.1";
  Speaker& early = connect(kOther);
  early.be_silent();
  ASSERT_TRUE(wait([&] { return early.is_connected(); }));
  early.write(bgp::encode_message(bgp::MessageType::kKeepalive, {}));
  ASSERT_TRUE(wait([&] { return early.ended; }));
  EXPECT_EQ(early.told_off(), (NotificationCode{5, 1})) << "RFC 6608 §3";
}

TEST_F(DynamicNeighborsTest, AnOpenInPiecesIsAnOpen) {
  serve();
  Speaker& slow = connect(kGuest);
  slow.be_silent();
  ASSERT_TRUE(wait([&] { return slow.is_connected(); }));
  const auto open =
      bgp::Session({.local_as = net::Asn{9}, .bgp_identifier = 5, .peer_as = exchange_.asn})
          .connected(io::EventLoop::now())
          .bytes;
  for (const std::byte octet : open) {
    slow.write({&octet, 1});
    loop_.run_until([] { return false; }, std::chrono::milliseconds(1));
  }
  EXPECT_TRUE(wait([&] { return neighbours() == 1; }));
}

TEST_F(DynamicNeighborsTest, Rfc2385_APrefixHasAKeyForAllOfIt) {
  first().session.md5_password = "right";
  exchange_.route_server.dynamic.push_back(range("172.0.10.0/24"));
  serve();
  const auto key = [](std::string_view text) {
    io::TcpOptions options;
    options.md5_keys = {{World::prefix("172.0.255.254/32"), std::string(text)}};
    return options;
  };
  Speaker* const good = call(kGuest, key("right"));
  ASSERT_NE(good, nullptr);
  EXPECT_TRUE(comes_up(*good));
  EXPECT_EQ(call(kOther, key("wrong")), nullptr) << "the kernel lets no such connection through";
  EXPECT_EQ(call(kThird, {}), nullptr);
  EXPECT_TRUE(comes_up(connect("172.0.10.1"))) << "another prefix, without a key";
  exchange_.route_server.dynamic.at(0).session.md5_password = "new";
  reload();
  EXPECT_EQ(call(kOther, key("right")), nullptr);
  EXPECT_NE(call(kOther, key("new")), nullptr);
}

TEST_F(DynamicNeighborsTest, Rfc5082_3_APrefixMayDemandGtsm) {
  first().session.gtsm = true;
  serve();
  io::TcpOptions near;
  near.ttl = 255;
  Speaker* const good = call(kGuest, near);
  ASSERT_NE(good, nullptr);
  EXPECT_TRUE(comes_up(*good));
  io::TcpOptions far;
  far.ttl = 254;
  Speaker* const bad = call(kOther, far);
  ASSERT_NE(bad, nullptr) << "the handshake is over before anybody knows whose it is";
  EXPECT_FALSE(loop_.run_until([&] { return bad->is_up(); }, std::chrono::milliseconds(700)));
  EXPECT_EQ(neighbours(), 1U);
}

TEST_F(DynamicNeighborsTest, WhoPassedItsPrefixLimitKeepsItsPlaceUntilItIsCleared) {
  first().import.limit.ipv4 = 1;
  serve();
  Speaker& guest = connect(kGuest);
  ASSERT_TRUE(comes_up(guest));
  guest.announce(World::path({9}), World::address(kGuest),
                 {kNet, World::prefix("141.0.0.0/24"), World::prefix("142.0.0.0/24")});
  ASSERT_TRUE(wait([&] { return guest.ended; }));
  EXPECT_EQ(guest.told_off(), (NotificationCode{6, 1}));
  Speaker& again = connect(kGuest);
  ASSERT_TRUE(wait([&] { return again.ended; }));
  EXPECT_EQ(again.told_off(), (NotificationCode{6, 5}));
  EXPECT_EQ(neighbours(), 1U);
  server_->clear(peer_of(kGuest));
  EXPECT_TRUE(wait([&] { return neighbours() == 0; }));
}

TEST_F(DynamicNeighborsTest, AReloadEndsTheSessionsOfAPrefixThatIsGoneAndNoOthers) {
  exchange_.route_server.dynamic.push_back(range("172.0.10.0/24"));
  serve();
  Speaker& a = establish(kA);
  Speaker& gone = connect(kGuest);
  Speaker& stays = connect("172.0.10.1");
  ASSERT_TRUE(comes_up(gone) && comes_up(stays));
  exchange_.route_server.dynamic = {range("172.0.10.0/24")};
  reload();
  ASSERT_TRUE(wait([&] { return gone.ended; }));
  EXPECT_EQ(gone.told_off(), (NotificationCode{6, 3}));
  Speaker& again = connect(kGuest);
  ASSERT_TRUE(wait([&] { return again.ended; }));
  exchange_.route_server.dynamic.push_back(range("172.0.9.0/24"));
  reload();
  EXPECT_TRUE(comes_up(connect(kGuest)));
  EXPECT_TRUE(stays.is_up() && a.is_up());
}

TEST_F(DynamicNeighborsTest, WhoIsListedIsNoGuest) {
  exchange_.route_server.dynamic = {range("172.0.0.0/16")};
  serve();
  Speaker& wrong = connect(kA, as(7));
  ASSERT_TRUE(wait([&] { return wrong.ended; }));
  EXPECT_EQ(wrong.told_off(), (NotificationCode{2, 2}));
  establish(kA);
  EXPECT_EQ(neighbours(), 0U);
}

// A table of addresses that grows with everyone who ever came would be a way to fill it.
TEST_F(DynamicNeighborsTest, ManyOneAfterTheOtherLeaveNothingBehind) {
  first().session.graceful_restart = std::chrono::seconds(0);
  serve();
  Speaker& a = establish(kA);
  const std::size_t peers = controller_.route_server().peers().size();
  for (std::uint32_t i = 0; i < 300; ++i) {
    Speaker& guest = connect(fmt::format("172.0.{}.{}", 9, 1 + i % 250), as(64600 + i % 7));
    ASSERT_TRUE(comes_up(guest)) << i;
    if (i % 50 == 0) {
      guest.announce(World::path({64600 + i % 7}),
                     World::address(fmt::format("172.0.9.{}", 1 + i % 250)), {kNet});
      ASSERT_TRUE(wait([&] { return a.routes.contains(kNet); })) << i;
    }
    guest.die();
    ASSERT_TRUE(wait([&] { return a.routes.empty(); })) << i;
    speakers_.pop_back();
  }
  EXPECT_LE(controller_.route_server().peers().size(), peers + 3);
  EXPECT_LE(now().participants.size(), exchange_.participants.size() + 3);
  EXPECT_TRUE(a.is_up());
}

}  // namespace
}  // namespace fabrix::controller
