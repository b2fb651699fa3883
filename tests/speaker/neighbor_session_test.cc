// How connections of one router become its session.
#include "speaker/neighbor_session.h"

#include <gtest/gtest.h>

#include "io/listener.h"
#include "tests/speaker/speaker_world.h"

namespace fabrix::speaker {
namespace {

using testing::attributes_of;
using testing::far_config;
using testing::FarRouter;
using testing::ip;
using testing::kRouter;
using testing::neighbor;
using testing::prefix;

class NeighborSessionTest : public testing::SpeakerWorld {};

using Log = std::vector<std::string>;

TEST_F(NeighborSessionTest, OfTwoConnectionsOfTheRouterTheNewerStays) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto first = dial(far_config(65001));
  ASSERT_TRUE(is_up(*first));
  const auto second = dial(far_config(65001));
  ASSERT_TRUE(wait([&] { return second->is_established() && first->down().has_value(); }));
  EXPECT_EQ(first->told()->code, (bgp::NotificationCode{6, 7}));
  ASSERT_TRUE(wait([&] { return log_.size() == 3; }));
  EXPECT_EQ(log_, (Log{"open 127.0.0.2", "close 127.0.0.2", "open 127.0.0.2"}));
  EXPECT_EQ(speaker_->view(kRouter)->sessions, 2U);
}

// Its OPEN decides: whoever only connects ends nothing.
TEST_F(NeighborSessionTest, AConnectionOfAnotherAsEndsNothing) {
  NeighborOptions options = neighbor();
  options.peer_as = net::Asn{65001};
  ASSERT_TRUE(speaker_->add(options));
  const auto first = dial(far_config(65001));
  ASSERT_TRUE(is_up(*first));
  const auto second = dial(far_config(65002));
  ASSERT_TRUE(wait([&] { return second->down().has_value(); }));
  EXPECT_EQ(second->told()->code, (bgp::NotificationCode{2, 2}));
  EXPECT_TRUE(first->is_established());
  EXPECT_EQ(log_, Log{"open 127.0.0.2"});
}

// Both connect: what stays is the connection of whoever has the larger identifier.
class CollisionTest : public NeighborSessionTest, public ::testing::WithParamInterface<bool> {};

TEST_P(CollisionTest, Rfc4271_6_8_TheIdentifiersDecide) {
  const bool ours_is_larger = GetParam();
  const auto config = far_config(65001, ours_is_larger ? 0x01000000 : 0x7f000000);
  std::vector<std::unique_ptr<FarRouter>> dialled;
  auto listener = io::Listener::listen(
                      loop_, io::IpEndpoint{.address = kRouter, .port = 0}, {},
                      [&](io::ByteStream stream) {
                        dialled.push_back(std::make_unique<FarRouter>(config, std::move(stream)));
                      })
                      .value();
  NeighborOptions options = neighbor();
  options.dial = listener.port();
  ASSERT_TRUE(speaker_->add(options));
  ASSERT_TRUE(wait([&] { return !dialled.empty() && dialled.front()->is_established(); }));
  const auto accepted = dial(config);
  const FarRouter& winner = ours_is_larger ? *dialled.front() : *accepted;
  const FarRouter& loser = ours_is_larger ? *accepted : *dialled.front();
  ASSERT_TRUE(wait([&] { return loser.down().has_value() && winner.is_established(); }));
  EXPECT_EQ(loser.told()->code, (bgp::NotificationCode{6, 7}));
  EXPECT_TRUE(is_up(winner));
}

INSTANTIATE_TEST_SUITE_P(Identifiers, CollisionTest, ::testing::Bool());

TEST_F(NeighborSessionTest, ARouterThatIsDialledMayComeLater) {
  // A port that is free: nobody listens yet.
  auto placeholder = io::Listener::listen(loop_, io::IpEndpoint{.address = kRouter, .port = 0}, {},
                                          [](io::ByteStream) {})
                         .value();
  NeighborOptions options = neighbor();
  options.dial = placeholder.port();
  ASSERT_TRUE(speaker_->add(options));
  EXPECT_EQ(speaker_->view(kRouter)->state, NeighborState::kIdle);
  // Also while it is dialled, it may connect itself.
  const auto far = dial(far_config(65001, 0x7f000000));
  EXPECT_TRUE(is_up(*far));
}

TEST_F(NeighborSessionTest, OtherOptionsEndTheSessionAndTheSameDoNot) {
  ASSERT_TRUE(speaker_->add(neighbor()));
  const auto far = dial(far_config(65001));
  ASSERT_TRUE(is_up(*far));
  ASSERT_TRUE(speaker_->add(neighbor()));
  EXPECT_EQ(log_, Log{"open 127.0.0.2"});
  NeighborOptions other = neighbor();
  other.families.ipv6 = false;
  ASSERT_TRUE(speaker_->add(other));
  EXPECT_EQ(log_, (Log{"open 127.0.0.2", "close 127.0.0.2"}));
  ASSERT_TRUE(wait([&] { return far->told().has_value(); }));
  EXPECT_EQ(far->told()->code, (bgp::NotificationCode{6, 6}));
}

TEST_F(NeighborSessionTest, Rfc4486_ARouterWithTooManyPrefixesIsToldAndBarred) {
  NeighborOptions options = neighbor();
  options.most_prefixes = 2;
  ASSERT_TRUE(speaker_->add(options));
  const auto far = dial(far_config(65001));
  ASSERT_TRUE(is_up(*far));
  far->announce(ip("192.0.2.1"), *attributes_of({65001}),
                {prefix("10.0.0.0/8"), prefix("11.0.0.0/8"), prefix("12.0.0.0/8")});
  ASSERT_TRUE(wait([&] { return far->told().has_value(); }));
  EXPECT_EQ(far->told()->code, (bgp::NotificationCode{6, 1}));
  EXPECT_EQ(speaker_->view(kRouter)->state, NeighborState::kIdle);
  EXPECT_NE(speaker_->view(kRouter)->trouble, "");
  const auto again = dial(far_config(65001));
  ASSERT_TRUE(wait([&] { return again->down().has_value(); }));
  EXPECT_FALSE(again->told().has_value());
}

}  // namespace
}  // namespace fabrix::speaker
