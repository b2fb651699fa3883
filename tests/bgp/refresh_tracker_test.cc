#include "bgp/refresh_tracker.h"

#include <gtest/gtest.h>

namespace fabrix::bgp {
namespace {

constexpr auto kIpv4 = net::Family::kIpv4;
constexpr auto kIpv6 = net::Family::kIpv6;

TEST(RefreshTrackerTest, Rfc7313_4_AnEndWithoutABeginningDoesNotCount) {
  RefreshTracker tracker;
  EXPECT_FALSE(tracker.ends(kIpv4, Safi::kUnicast));
  EXPECT_TRUE(tracker.begins(kIpv4, Safi::kUnicast));
  EXPECT_TRUE(tracker.ends(kIpv4, Safi::kUnicast));
  EXPECT_FALSE(tracker.ends(kIpv4, Safi::kUnicast));
}

TEST(RefreshTrackerTest, ABeginningMayRepeat) {
  RefreshTracker tracker;
  EXPECT_TRUE(tracker.begins(kIpv4, Safi::kUnicast));
  EXPECT_TRUE(tracker.begins(kIpv4, Safi::kUnicast));
  EXPECT_TRUE(tracker.ends(kIpv4, Safi::kUnicast));
}

TEST(RefreshTrackerTest, FamiliesDoNotMix) {
  RefreshTracker tracker;
  EXPECT_TRUE(tracker.begins(kIpv4, Safi::kUnicast));
  EXPECT_FALSE(tracker.ends(kIpv6, Safi::kUnicast));
  EXPECT_FALSE(tracker.ends(kIpv4, Safi::kFlowSpec));
  EXPECT_TRUE(tracker.begins(kIpv6, Safi::kFlowSpec));
  EXPECT_TRUE(tracker.ends(kIpv6, Safi::kFlowSpec));
  EXPECT_TRUE(tracker.ends(kIpv4, Safi::kUnicast));
}

TEST(RefreshTrackerTest, Rfc7313_4_BeforeEndOfRibABeginningDoesNotCount) {
  RefreshTracker tracker(RefreshTracker::FirstRoutes::kMarked);
  EXPECT_FALSE(tracker.begins(kIpv4, Safi::kUnicast));
  EXPECT_FALSE(tracker.ends(kIpv4, Safi::kUnicast));
  tracker.end_of_rib(kIpv6, Safi::kUnicast);
  EXPECT_FALSE(tracker.begins(kIpv4, Safi::kUnicast));
  tracker.end_of_rib(kIpv4, Safi::kUnicast);
  EXPECT_TRUE(tracker.begins(kIpv4, Safi::kUnicast));
  EXPECT_TRUE(tracker.ends(kIpv4, Safi::kUnicast));
}

}  // namespace
}  // namespace fabrix::bgp
