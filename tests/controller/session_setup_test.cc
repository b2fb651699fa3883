#include "controller/session_setup.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

using std::chrono::seconds;

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};

class SessionSetup : public testing::Test {
 protected:
  SessionSetup() {
    peer_.router = exchange_.find_router("b1")->id;
    peer_.participant = exchange_.find_participant("B")->id;
    peer_.asn = net::Asn{200};
    peer_.address = World::address("172.0.0.11");
  }
  exchange::SessionPolicy& policy() {
    return exchange_.participants[peer_.participant.index()].session;
  }
  bgp::SessionConfig config(Restarting restarting = Restarting::kNo) const {
    return session_config(exchange_, peer_, restarting);
  }

  exchange::Exchange exchange_ = four_members();
  routeserver::Peer peer_;
};

TEST_F(SessionSetup, SpeaksForTheExchangeToItsMember) {
  EXPECT_EQ(config().local_as, net::Asn{65000});
  EXPECT_EQ(config().peer_as, net::Asn{200});
  EXPECT_EQ(config().bgp_identifier, 0xac00fffeU);
  EXPECT_EQ(config().families, kBoth);
}

TEST_F(SessionSetup, TakesTheTimersOfThePolicy) {
  policy().hold_time = seconds(30);
  policy().send_hold = seconds(77);
  EXPECT_EQ(config().hold_time, seconds(30));
  EXPECT_EQ(config().send_hold_time, seconds(77));
  policy().send_hold = std::nullopt;
  EXPECT_EQ(config().send_hold_time, std::nullopt) << "twice what is negotiated";
}

TEST_F(SessionSetup, Rfc9234_4_1_IsTheRouteServerUnlessSwitchedOff) {
  EXPECT_EQ(config().role, bgp::Role::kRouteServer);
  EXPECT_EQ(config().role_mode, bgp::RoleMode::kLenient);
  policy().strict_role = true;
  EXPECT_EQ(config().role_mode, bgp::RoleMode::kStrict);
  policy().role = false;
  EXPECT_EQ(config().role, std::nullopt);
}

TEST_F(SessionSetup, OffersWhatThePolicySays) {
  EXPECT_TRUE(config().add_path.empty());
  EXPECT_TRUE(config().flowspec.empty());
  EXPECT_FALSE(config().extended_next_hop);
  EXPECT_TRUE(config().extended_messages);
  EXPECT_TRUE(config().enhanced_refresh);
  policy().add_path = true;
  policy().flowspec = true;
  policy().extended_next_hop = true;
  policy().extended_messages = false;
  EXPECT_EQ(config().add_path, kBoth);
  EXPECT_EQ(config().flowspec, kBoth);
  EXPECT_TRUE(config().extended_next_hop);
  EXPECT_FALSE(config().extended_messages);
}

TEST_F(SessionSetup, Rfc4724_3_OffersGracefulRestartWithinTwelveBits) {
  EXPECT_EQ(config().graceful_restart,
            (bgp::GracefulRestartOffer{
                .restart_time = seconds(120), .restarted = false, .notification = true}));
  EXPECT_TRUE(config(Restarting::kYes).graceful_restart->restarted);
  policy().graceful_restart = seconds(5000);
  EXPECT_EQ(config().graceful_restart->restart_time, seconds(4095));
  policy().graceful_restart = seconds(0);
  EXPECT_EQ(config().graceful_restart, std::nullopt);
}

TEST_F(SessionSetup, Rfc9494_4_1_LongLivedOnlyBesideGracefulRestart) {
  EXPECT_EQ(config().long_lived, std::nullopt);
  policy().long_lived = seconds(86400);
  EXPECT_EQ(config().long_lived,
            (bgp::LongLivedOffer{.families = kBoth, .stale_time = seconds(86400)}));
  policy().graceful_restart = seconds(0);
  EXPECT_EQ(config().long_lived, std::nullopt);
}

TEST_F(SessionSetup, KeysAreForOneAddress) {
  EXPECT_EQ(md5_key(peer_.address, policy()).key, "");
  policy().md5_password = "secret";
  EXPECT_EQ(md5_key(peer_.address, policy()).key, "secret");
  EXPECT_EQ(md5_key(peer_.address, policy()).peer.to_string(), "172.0.0.11/32");
  EXPECT_EQ(md5_key(World::address("2001:db8:ff::11"), policy()).peer.length(), 128U);
  EXPECT_EQ(dialled_options(peer_.address, policy()).md5_keys.size(), 1U);
  EXPECT_TRUE(accepted_options(policy()).md5_keys.empty()) << "they have the listener's";
}

TEST_F(SessionSetup, Rfc5082_3_SendsTtl255AndTakesNothingLessFromProtectedPeers) {
  EXPECT_EQ(accepted_options(policy()).min_ttl, std::nullopt);
  EXPECT_EQ(dialled_options(peer_.address, policy()).min_ttl, std::nullopt);
  EXPECT_EQ(listener_options({}).ttl, 255);
  EXPECT_EQ(listener_options({}).min_ttl, std::nullopt) << "it serves all peers";
  policy().gtsm = true;
  EXPECT_EQ(accepted_options(policy()).ttl, 255);
  EXPECT_EQ(accepted_options(policy()).min_ttl, 255);
  EXPECT_EQ(dialled_options(peer_.address, policy()).ttl, 255);
  EXPECT_EQ(dialled_options(peer_.address, policy()).min_ttl, 255);
}

}  // namespace
}  // namespace fabrix::controller
