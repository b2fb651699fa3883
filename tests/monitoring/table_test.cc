#include "monitoring/table.h"

#include <gtest/gtest.h>

#include "tests/monitoring/world.h"

namespace fabrix::monitoring {
namespace {

using testing::session;

TEST(Timestamp, IsSplitIntoSecondsAndMicroseconds) {
  EXPECT_EQ(seconds_of(testing::time(999'999)), 1'700'000'000U);
  EXPECT_EQ(microseconds_of(testing::time(999'999)), 999'999U);
  const Timestamp last{std::chrono::microseconds(4'294'967'295'999'999)};
  EXPECT_EQ(seconds_of(last), 4'294'967'295U);
  EXPECT_EQ(microseconds_of(last), 999'999U);
}

TEST(DownReason, PrefersTheNotificationOfTheSideThatSpoke) {
  const bgp::NotificationMessage cease = bgp::cease(bgp::Cease::kPeerDeconfigured);
  EXPECT_EQ(down_reason({.reason = "", .sent = cease}), DownReason(LocalNotification{cease}));
  EXPECT_EQ(down_reason({.reason = "", .received = cease}), DownReason(RemoteNotification{cease}));
  EXPECT_EQ(down_reason({.reason = "reset"}), DownReason(RemoteClosed{}));
}

TEST(SharedFamilies, Rfc4760_8_AreThoseThatBothOffer) {
  PeerSession both = session(1);
  EXPECT_EQ(shared_families(both), (bgp::FamilySet{.ipv4 = true, .ipv6 = true}));
  both.received_open.capabilities = {bgp::Multiprotocol{.afi = 2}, bgp::RouteRefresh{}};
  EXPECT_EQ(shared_families(both), (bgp::FamilySet{.ipv4 = false, .ipv6 = true}));
  both.received_open.capabilities = {bgp::Multiprotocol{.afi = 2, .safi = bgp::Safi::kFlowSpec}};
  EXPECT_TRUE(shared_families(both).empty());
}

TEST(SharedFamilies, ASpeakerThatOffersNoneSpeaksIpv4) {
  PeerSession old = session(1);
  old.received_open.capabilities.clear();
  EXPECT_EQ(shared_families(old), (bgp::FamilySet{.ipv4 = true, .ipv6 = false}));
}

}  // namespace
}  // namespace fabrix::monitoring
