#include "controller/bgp_connection.h"

#include <new>
#include <set>

#include <gtest/gtest.h>

#include "bgp/message_header.h"
#include "bgp/update_encoder.h"
#include "tests/controller/bgp_world.h"

namespace fabrix::controller {
namespace {

// On a connected pair of sockets, without a server.
class BgpConnectionTest : public testing::Test, private BgpConnection::Owner {
 protected:
  void begin(const bgp::SessionConfig& near_config, const bgp::SessionConfig& far_config) {
    far_session_.emplace(far_config);
    auto [near, far] = io::connected_pair(loop_).value();
    far_.emplace(std::move(far));
    far_->start({.on_data = [this](auto bytes) { handle(far_session_->received(bytes, kNow)); },
                 .on_end = [this](const io::StreamEnd&) { ended_ = true; },
                 .on_drained = {}});
    BgpConnection::Owner& owner = *this;
    connection_ = std::make_unique<BgpConnection>(loop_, controller_, peer_, near_config,
                                                  std::move(near), owner);
    connection_->start();
    handle(far_session_->connected(kNow));
  }

  void begin() { begin(kNear, kFar); }

  void handle(const bgp::SessionOutput& output) {
    std::ignore = far_->write(output.bytes);
    for (const auto& event : output.events) {
      if (const auto* down = std::get_if<bgp::Down>(&event)) {
        received_ = down->received;
        reason_ = down->reason;
      }
      if (const auto* update = std::get_if<bgp::UpdateReceived>(&event)) {
        for (const auto& announcement : update->update.announced) {
          heard_.insert(announcement.prefixes.begin(), announcement.prefixes.end());
        }
      }
    }
  }

  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }

  // Another member announces so many prefixes, each with attributes of its own: half a kilobyte of
  // UPDATEs each.
  void announce_many(std::uint32_t count) {
    controller_.on_output = [this](routeserver::PeerId peer) {
      if (peer == peer_) connection_->send_updates();
    };
    const auto announcer = *controller_.route_server().find_peer(World::address("172.0.0.21"));
    controller_.session_up(announcer, {.bgp_identifier = 3, .families = {.ipv4 = true}});
    for (std::uint32_t i = 0; i < count; ++i) {
      bgp::UpdateMessage update;
      update.attributes = std::make_shared<const bgp::PathAttributes>(
          bgp::PathAttributes{.as_path = {.segments = {{.asns = {net::Asn{300}}}}},
                              .med = i,
                              .communities = std::vector(120, bgp::community(300, 1))});
      const auto network = net::IpAddress::v4(
          {20, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i), 0});
      update.announced = {{.next_hop = World::address("172.0.0.21"),
                           .prefixes = {net::Prefix::containing(network, 24).value()}}};
      controller_.update(announcer, update);
    }
    while (controller_.needs_settling()) controller_.settle(io::EventLoop::now());
  }
  std::size_t backlog() const { return controller_.route_server().backlog(peer_); }

  bool is_up() const { return controller_.route_server().is_up(peer_); }

  void opened(BgpConnection& connection) override {
    ++opened_;
    if (refuse_) connection.stop(bgp::cease(bgp::Cease::kCollisionResolution));
  }
  void established(BgpConnection& /*connection*/) override { EXPECT_FALSE(is_up()); }
  void took(BgpConnection& /*connection*/, const routeserver::UpdateOutcome& /*came*/) override {
    if (memory_is_short_) throw std::bad_alloc();
  }
  void end_of_rib(net::Family /*family*/) override { ++ends_of_rib_; }
  void refresh_began(net::Family /*family*/) override {}
  void refresh_ended(net::Family /*family*/) override {}
  void ended(BgpConnection& /*connection*/, const BgpConnection::Ending& ending) override {
    EXPECT_FALSE(is_up());
    endings_.push_back(ending);
  }
  bool may_send() const override { return may_send_; }

  static constexpr bgp::TimePoint kNow{};
  const bgp::SessionConfig kNear{
      .local_as = net::Asn{65000}, .bgp_identifier = 1, .peer_as = net::Asn{200}};
  const bgp::SessionConfig kFar{
      .local_as = net::Asn{200}, .bgp_identifier = 2, .peer_as = net::Asn{65000}};

  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
  routeserver::PeerId peer_ = *controller_.route_server().find_peer(World::address("172.0.0.11"));
  std::optional<bgp::Session> far_session_;
  std::optional<io::ByteStream> far_;
  std::vector<BgpConnection::Ending> endings_;
  std::optional<bgp::NotificationMessage> received_;
  std::unique_ptr<BgpConnection> connection_;
  int opened_ = 0;
  int ends_of_rib_ = 0;
  bool refuse_ = false;
  bool may_send_ = true;
  bool memory_is_short_ = false;
  std::string reason_;
  std::set<net::Prefix> heard_;
  bool ended_ = false;
};

TEST_F(BgpConnectionTest, TellsTheControllerOfTheSessionAndOfItsEnd) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  EXPECT_EQ(opened_, 1);
  far_.reset();
  ASSERT_TRUE(wait([this] { return !endings_.empty(); }));
  EXPECT_FALSE(is_up());
  ASSERT_EQ(endings_.size(), 1U);
  EXPECT_TRUE(endings_[0].agreed.has_value());
  EXPECT_EQ(endings_[0].kept, bgp::FamilySet{}) << "no graceful restart";
}

TEST_F(BgpConnectionTest, StopsWithANotificationThatArrives) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
  EXPECT_FALSE(is_up());
  ASSERT_TRUE(wait([this] { return ended_; }));
  ASSERT_TRUE(received_);
  EXPECT_EQ(received_->code, (bgp::NotificationCode{6, 4}));
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
  EXPECT_EQ(endings_.size(), 1U) << "once";
}

// RFC 4271 §6.8: the loser of a collision never becomes a session.
TEST_F(BgpConnectionTest, StoppedAtItsOpenItIsNeverUp) {
  refuse_ = true;
  begin();
  ASSERT_TRUE(wait([this] { return ended_; }));
  ASSERT_EQ(endings_.size(), 1U);
  EXPECT_FALSE(endings_[0].agreed.has_value());
  EXPECT_EQ(received_->code, (bgp::NotificationCode{6, 7}));
}

// RFC 4724 §4.2: a closed connection keeps the routes of a peer that may restart; a decision of
// ours does not.
TEST_F(BgpConnectionTest, Rfc4724_4_2_KeepsRoutesOfARestartingPeerOnly) {
  for (const bool is_decision : {false, true}) {
    SCOPED_TRACE(is_decision);
    endings_.clear();
    auto near = kNear;
    auto far = kFar;
    near.graceful_restart = bgp::GracefulRestartOffer{};
    far.graceful_restart = bgp::GracefulRestartOffer{};
    begin(near, far);
    ASSERT_TRUE(wait([this] { return is_up(); }));
    if (is_decision) {
      connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
    } else {
      far_.reset();
    }
    ASSERT_TRUE(wait([this] { return !endings_.empty(); }));
    EXPECT_EQ(endings_[0].kept.ipv4, !is_decision);
    EXPECT_EQ(endings_[0].kept.ipv6, !is_decision);
  }
}

TEST_F(BgpConnectionTest, GivesWayAsIfThePeerHadClosed) {
  auto near = kNear;
  auto far = kFar;
  near.graceful_restart = bgp::GracefulRestartOffer{};
  far.graceful_restart = bgp::GracefulRestartOffer{};
  begin(near, far);
  ASSERT_TRUE(wait([this] { return is_up(); }));
  connection_->give_way();
  ASSERT_TRUE(wait([this] { return ended_; }));
  EXPECT_FALSE(received_) << "without a word";
  EXPECT_EQ(endings_[0].kept, (bgp::FamilySet{.ipv4 = true, .ipv6 = true}));
}

TEST_F(BgpConnectionTest, SendsNothingWhileItMayNot) {
  may_send_ = false;
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  connection_->send_updates();
  EXPECT_TRUE(controller_.has_output(peer_)) << "its End-of-RIB";
  may_send_ = true;
  connection_->send_updates();
  EXPECT_FALSE(controller_.has_output(peer_));
}

TEST_F(BgpConnectionTest, TellsOfEachEndOfRib) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  ByteWriter out;
  bgp::encode_end_of_rib(net::Family::kIpv4, out);
  bgp::encode_end_of_rib(net::Family::kIpv6, out);
  ASSERT_TRUE(far_->write(out.view()));
  EXPECT_TRUE(wait([this] { return ends_of_rib_ == 2; }));
}

TEST_F(BgpConnectionTest, DestructionEndsTheSession) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  connection_.reset();
  EXPECT_FALSE(is_up());
  EXPECT_TRUE(wait([this] { return ended_; }));
}

TEST_F(BgpConnectionTest, ASlowReaderGetsEverythingInWholeMessages) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  far_->pause_reading();
  announce_many(4000);
  EXPECT_GT(backlog(), 0U) << "more than the kernel takes";
  far_->resume_reading();
  ASSERT_TRUE(wait([this] { return heard_.size() == 4000 || ended_; }));
  EXPECT_FALSE(ended_) << reason_;
  EXPECT_EQ(backlog(), 0U);
}

// What the session itself says waits for the end of the message that is under way.
TEST_F(BgpConnectionTest, LastWordsComeAfterAWholeMessage) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  far_->pause_reading();
  announce_many(4000);
  ASSERT_GT(backlog(), 0U);
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
  far_->resume_reading();
  ASSERT_TRUE(wait([this] { return ended_; }));
  ASSERT_TRUE(received_) << reason_;
  EXPECT_EQ(received_->code, (bgp::NotificationCode{6, 4}));
  EXPECT_LT(heard_.size(), 4000U);
}

// RFC 9687 §3: although the kernel would take more. The peer that reads again is told.
TEST_F(BgpConnectionTest, Rfc9687_3_EndsTheSessionOfWhoAcknowledgesNothing) {
  auto near = kNear;
  near.send_hold_time = std::chrono::seconds(1);
  begin(near, kFar);
  ASSERT_TRUE(wait([this] { return is_up(); }));
  far_->pause_reading();
  announce_many(20);
  EXPECT_FALSE(controller_.has_output(peer_)) << "the kernel has taken it all";
  ASSERT_TRUE(wait([this] { return !endings_.empty(); }));
  EXPECT_EQ(endings_[0].down.sent->code, (bgp::NotificationCode{8, 0}));
  far_->resume_reading();
  ASSERT_TRUE(wait([this] { return ended_; }));
  ASSERT_TRUE(received_) << reason_;
  EXPECT_EQ(received_->code, (bgp::NotificationCode{8, 0}));
}

TEST_F(BgpConnectionTest, AnExceptionEndsThisSessionAndNothingElse) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  memory_is_short_ = true;
  ByteWriter out;
  bgp::encode_end_of_rib(net::Family::kIpv4, out);
  ASSERT_TRUE(far_->write(out.view()));
  ASSERT_TRUE(wait([this] { return ended_; }));
  EXPECT_EQ(received_->code, (bgp::NotificationCode{6, 8}));
  ASSERT_EQ(endings_.size(), 1U);
  EXPECT_EQ(endings_[0].fault, std::bad_alloc().what());
}

// RFC 4271 §6.5: who has spoken in time is not taken for silent because we were busy.
TEST_F(BgpConnectionTest, Rfc4271_6_5_ReadsWhatHasArrivedBeforeItTakesAPeerForSilent) {
  auto near = kNear;
  near.hold_time = std::chrono::seconds(3);
  begin(near, kFar);
  ASSERT_TRUE(wait([this] { return is_up(); }));
  const auto deadline = io::EventLoop::now() + std::chrono::milliseconds(3050);
  loop_.run_until([] { return false; }, std::chrono::milliseconds(100));
  ASSERT_TRUE(far_->write(bgp::encode_message(bgp::MessageType::kKeepalive, {})));
  // Busy beyond the hold time.
  while (io::EventLoop::now() < deadline) {
  }
  loop_.run_until([this] { return ended_; }, std::chrono::milliseconds(100));
  EXPECT_TRUE(is_up()) << reason_;
}

TEST_F(BgpConnectionTest, WhatWaitsForAReaderThatStandsStillIsShedAndMadeGoodLater) {
  begin();
  ASSERT_TRUE(wait([this] { return is_up(); }));
  far_->pause_reading();
  announce_many(4000);
  ASSERT_GT(backlog(), 0U);
  ASSERT_TRUE(wait([this] { return backlog() == 0; }));
  EXPECT_TRUE(is_up());
  far_->resume_reading();
  ASSERT_TRUE(wait([this] { return heard_.size() == 4000 || ended_; }));
  EXPECT_FALSE(ended_) << reason_;
}

}  // namespace
}  // namespace fabrix::controller
