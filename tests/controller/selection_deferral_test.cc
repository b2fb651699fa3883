#include "controller/selection_deferral.h"

#include <array>

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

using net::Family;
using routeserver::PeerId;

constexpr PeerId kA{1};
constexpr PeerId kB{2};
constexpr std::array kPeers{kA, kB};

bgp::Negotiated agreed(bgp::FamilySet families) {
  bgp::Negotiated negotiated;
  negotiated.families = families;
  negotiated.graceful_restart = bgp::PeerRestart{};
  return negotiated;
}

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};
constexpr bgp::FamilySet kIpv4{.ipv4 = true, .ipv6 = false};

TEST(SelectionDeferralTest, Rfc4724_4_1_WaitsForEveryEndOfRib) {
  SelectionDeferral deferral(kPeers);
  deferral.established(kA, agreed(kBoth));
  deferral.established(kB, agreed(kIpv4));
  deferral.end_of_rib(kA, Family::kIpv4);
  deferral.end_of_rib(kB, Family::kIpv4);
  EXPECT_FALSE(deferral.is_complete());
  EXPECT_EQ(deferral.awaited(), 1U);
  deferral.end_of_rib(kA, Family::kIpv6);
  EXPECT_TRUE(deferral.is_complete());
}

TEST(SelectionDeferralTest, Rfc4724_4_1_DoesNotWaitForPeersWithoutTheCapability) {
  SelectionDeferral deferral(kPeers);
  deferral.established(kA, {});
  EXPECT_EQ(deferral.awaited(), 1U);
}

TEST(SelectionDeferralTest, Rfc4724_4_1_DoesNotWaitForPeersThatRestartedThemselves) {
  SelectionDeferral deferral(kPeers);
  auto restarted = agreed(kBoth);
  restarted.graceful_restart->restarted = true;
  deferral.established(kA, restarted);
  EXPECT_EQ(deferral.awaited(), 1U);
}

TEST(SelectionDeferralTest, WaitsForWhoIsNotBackYetUnlessGivenUp) {
  SelectionDeferral deferral(kPeers);
  deferral.established(kA, agreed(kIpv4));
  deferral.end_of_rib(kA, Family::kIpv4);
  EXPECT_FALSE(deferral.is_complete());
  deferral.give_up(kB);
  EXPECT_TRUE(deferral.is_complete());
}

TEST(SelectionDeferralTest, WhoCameTwiceIsAwaitedForWhatTheNewSessionHas) {
  SelectionDeferral deferral(kPeers);
  deferral.give_up(kB);
  deferral.established(kA, agreed(kBoth));
  deferral.end_of_rib(kA, Family::kIpv4);
  deferral.established(kA, agreed(kBoth));
  deferral.end_of_rib(kA, Family::kIpv6);
  EXPECT_FALSE(deferral.is_complete()) << "its IPv4 routes went with the session";
}

TEST(SelectionDeferralTest, StrangersDoNotMatter) {
  SelectionDeferral deferral(kPeers);
  deferral.established(PeerId{7}, agreed(kBoth));
  deferral.end_of_rib(PeerId{7}, Family::kIpv4);
  EXPECT_EQ(deferral.awaited(), 2U);
}

TEST(SelectionDeferralTest, SaysForWhomItWaits) {
  SelectionDeferral deferral(kPeers);
  deferral.give_up(kA);
  EXPECT_FALSE(deferral.awaits(kA));
  EXPECT_TRUE(deferral.awaits(kB));
}

}  // namespace
}  // namespace fabrix::controller
