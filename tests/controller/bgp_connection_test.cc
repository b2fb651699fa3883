#include "controller/bgp_connection.h"

#include <gtest/gtest.h>

#include "tests/controller/bgp_world.h"

namespace fabrix::controller {
namespace {

// On a connected pair of sockets, without a server.
class BgpConnectionTest : public testing::Test {
 protected:
  BgpConnectionTest() {
    auto [near, far] = io::connected_pair(loop_).value();
    far_.emplace(std::move(far));
    far_->start({.on_data = [this](auto bytes) { handle(far_session_.received(bytes, kNow)); },
                 .on_end = [this](const io::StreamEnd&) { ended_ = true; },
                 .on_drained = {}});
    const bgp::SessionConfig config{
        .local_as = net::Asn{65000}, .bgp_identifier = 1, .peer_as = net::Asn{200}};
    connection_ = std::make_unique<BgpConnection>(
        loop_, controller_, peer_, config, std::move(near),
        [this](const std::string& reason) { over_.push_back(reason); });
    connection_->start();
    handle(far_session_.connected(kNow));
  }

  void handle(const bgp::SessionOutput& output) {
    std::ignore = far_->write(output.bytes);
    for (const auto& event : output.events) {
      if (const auto* down = std::get_if<bgp::Down>(&event)) received_ = down->received;
    }
  }

  bool wait(const std::function<bool()>& done) {
    return loop_.run_until(done, io::testing::kPatience);
  }
  bool is_up() const { return controller_.route_server().is_up(peer_); }

  static constexpr bgp::TimePoint kNow{};

  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
  routeserver::PeerId peer_ = *controller_.route_server().find_peer(World::address("172.0.0.11"));
  bgp::Session far_session_{
      {.local_as = net::Asn{200}, .bgp_identifier = 2, .peer_as = net::Asn{65000}}};
  std::optional<io::ByteStream> far_;
  std::unique_ptr<BgpConnection> connection_;
  std::vector<std::string> over_;
  std::optional<bgp::NotificationMessage> received_;
  bool ended_ = false;
};

TEST_F(BgpConnectionTest, TellsTheControllerOfTheSessionAndOfItsEnd) {
  ASSERT_TRUE(wait([this] { return is_up(); }));
  far_.reset();
  ASSERT_TRUE(wait([this] { return !over_.empty(); }));
  EXPECT_FALSE(is_up());
  EXPECT_EQ(over_.size(), 1U);
}

TEST_F(BgpConnectionTest, StopsWithANotificationThatArrives) {
  ASSERT_TRUE(wait([this] { return is_up(); }));
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
  EXPECT_FALSE(is_up());
  ASSERT_TRUE(wait([this] { return ended_ && !over_.empty(); }));
  ASSERT_TRUE(received_);
  EXPECT_EQ(received_->code, (bgp::NotificationCode{6, 4}));
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
  EXPECT_EQ(over_.size(), 1U) << "once";
}

TEST_F(BgpConnectionTest, DestructionEndsTheSession) {
  ASSERT_TRUE(wait([this] { return is_up(); }));
  connection_.reset();
  EXPECT_FALSE(is_up());
  EXPECT_TRUE(wait([this] { return ended_; }));
}

}  // namespace
}  // namespace fabrix::controller
