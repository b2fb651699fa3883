// A connection on a connected pair of sockets, without a neighbour.
#include "speaker/connection.h"

#include <deque>

#include <gtest/gtest.h>

#include "tests/speaker/far_router.h"

namespace fabrix::speaker {
namespace {

using testing::attributes_of;
using testing::far_config;
using testing::FarRouter;
using testing::ip;
using testing::kPatience;
using testing::prefix;

class ConnectionTest : public ::testing::Test, private Connection::Owner {
 protected:
  void begin() {
    auto [near, far] = io::connected_pair(loop_).value();
    Connection::Owner& owner = *this;
    connection_ = std::make_unique<Connection>(
        loop_, far_config(64500, 1), Connection::Origin::kAccepted, std::move(near), owner);
    connection_->start();
    far_.emplace(far_config(64501), std::move(far));
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  void opened(Connection& connection) override {
    log_.emplace_back("opened");
    if (refuses_) connection.stop(bgp::cease(bgp::Cease::kConnectionRejected));
  }
  void established(Connection& /*connection*/) override { log_.emplace_back("established"); }
  void updated(Connection& /*connection*/, const bgp::UpdateMessage& update) override {
    log_.push_back(std::to_string(update.announced.size()) + " announced");
  }
  void refresh_wanted(net::Family /*family*/, bgp::Safi /*safi*/) override {
    log_.emplace_back("refresh");
  }
  std::vector<std::byte> next_messages() override {
    if (messages_.empty()) return {};
    auto next = std::move(messages_.front());
    messages_.pop_front();
    return next;
  }
  void ended(Connection& /*connection*/, const std::string& /*reason*/) override {
    log_.emplace_back("ended");
  }

  io::EventLoop loop_;
  std::unique_ptr<Connection> connection_;
  std::optional<FarRouter> far_;
  std::vector<std::string> log_;
  std::deque<std::vector<std::byte>> messages_;
  bool refuses_ = false;
};

using Log = std::vector<std::string>;

TEST_F(ConnectionTest, TellsItsOwnerWhatComes) {
  begin();
  ASSERT_TRUE(wait([&] { return far_->is_established() && log_.size() == 2; }));
  far_->announce(ip("192.0.2.1"), *attributes_of({64501}), {prefix("10.0.0.0/8")});
  far_->refresh(net::Family::kIpv4);
  ASSERT_TRUE(wait([&] { return log_.size() == 4; }));
  EXPECT_EQ(log_, (Log{"opened", "established", "1 announced", "refresh"}));
  EXPECT_EQ(connection_->session().peer()->open.my_as, net::Asn{64501});
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));
  EXPECT_EQ(log_.back(), "ended");
  connection_->stop(bgp::cease(bgp::Cease::kAdministrativeReset));  // it is over
  EXPECT_EQ(log_.size(), 5U);
  EXPECT_TRUE(wait([&] { return far_->told().has_value(); }));
}

TEST_F(ConnectionTest, SendsAllThatItsOwnerHas) {
  for (std::uint32_t i = 0; i < 2000; ++i) {
    ByteWriter out;
    const std::vector prefixes{
        prefix("10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24")};
    ASSERT_TRUE(bgp::encode_announcement(*attributes_of(std::vector<std::uint32_t>(100, 64500)),
                                         ip("192.0.2.1"), prefixes, bgp::AsnWidth::kFourOctets,
                                         out));
    messages_.push_back(out.take());
  }
  begin();
  EXPECT_TRUE(wait([&] { return far_->routes.size() == 2000; }));
}

TEST_F(ConnectionTest, MayBeStoppedAtItsOpen) {
  refuses_ = true;
  begin();
  ASSERT_TRUE(wait([&] { return far_->down().has_value(); }));
  EXPECT_EQ(log_, (Log{"opened", "ended"}));
  EXPECT_EQ(far_->told()->code, (bgp::NotificationCode{6, 5}));
}

TEST_F(ConnectionTest, EndsWhenTheRouterHangsUp) {
  begin();
  ASSERT_TRUE(wait([&] { return far_->is_established() && log_.size() == 2; }));
  far_->hang_up();
  ASSERT_TRUE(wait([&] { return log_.back() == "ended"; }));
  connection_->send();
}

}  // namespace
}  // namespace fabrix::speaker
