#include "controller/route_retention.h"

#include <gtest/gtest.h>

#include "fabric/simulated.h"
#include "tests/controller/world.h"
#include "tests/io/world.h"

namespace fabrix::controller {
namespace {

using net::Family;
using Phase = RouteRetention::Phase;
using std::chrono::seconds;

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};
constexpr bgp::FamilySet kIpv4{.ipv4 = true, .ipv6 = false};

bgp::Negotiated agreed(bgp::FamilySet kept) {
  bgp::Negotiated negotiated;
  negotiated.families = kBoth;
  negotiated.graceful_restart =
      bgp::PeerRestart{.restart_time = seconds(100), .families = kBoth, .forwarding_kept = kept};
  return negotiated;
}

TEST(RetentionTermsTest, TakesTheShorterOfWhatThePeerSaidAndThePolicyAllows) {
  exchange::SessionPolicy policy;
  policy.graceful_restart = seconds(60);
  policy.long_lived = seconds(1000);
  auto negotiated = agreed(kBoth);
  negotiated.long_lived = {{.family = Family::kIpv6, .stale_time = seconds(500)}};
  const auto terms = retention_terms(negotiated, policy);
  EXPECT_EQ(terms, (RouteRetention::Terms{.families = kBoth,
                                          .restart_time = seconds(60),
                                          .stale_time_ipv4 = seconds(0),
                                          .stale_time_ipv6 = seconds(500)}));
  EXPECT_EQ(retention_terms({}, policy), RouteRetention::Terms{});
}

class RouteRetentionTest : public testing::Test {
 protected:
  Phase phase(Family family) const { return retention_.phase(kPeer, family); }

  static constexpr routeserver::PeerId kPeer{3};
  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
  RouteRetention retention_{loop_, controller_};
};

TEST_F(RouteRetentionTest, Rfc4724_4_2_ARestartGoesFromLostToReturnedToNothing) {
  EXPECT_EQ(phase(Family::kIpv4), Phase::kNone);
  retention_.lost(kPeer, {.families = kBoth, .restart_time = seconds(100)});
  EXPECT_EQ(phase(Family::kIpv4), Phase::kRestarting);
  EXPECT_TRUE(retention_.until(kPeer, Family::kIpv4).has_value());
  retention_.end_of_rib(kPeer, Family::kIpv4);
  EXPECT_EQ(phase(Family::kIpv4), Phase::kRestarting) << "nobody is there to say that";
  retention_.returned(kPeer, agreed(kIpv4));
  EXPECT_EQ(phase(Family::kIpv4), Phase::kReturned);
  EXPECT_EQ(phase(Family::kIpv6), Phase::kNone) << "no F bit";
  retention_.end_of_rib(kPeer, Family::kIpv4);
  EXPECT_EQ(phase(Family::kIpv4), Phase::kNone);
  EXPECT_FALSE(retention_.until(kPeer, Family::kIpv4).has_value());
}

TEST_F(RouteRetentionTest, Rfc9494_4_2_WithoutRestartTimeTheLongLivedTimeBeginsAtOnce) {
  retention_.lost(kPeer, {.families = kIpv4, .stale_time_ipv4 = seconds(100)});
  EXPECT_EQ(phase(Family::kIpv4), Phase::kLongLived);
  auto back = agreed(kBoth);
  retention_.returned(kPeer, back);
  EXPECT_EQ(phase(Family::kIpv4), Phase::kNone) << "the F bit of the long-lived capability counts";
  retention_.lost(kPeer, {.families = kIpv4, .stale_time_ipv4 = seconds(100)});
  back.long_lived = {{.family = Family::kIpv4, .forwarding_kept = true}};
  retention_.returned(kPeer, back);
  EXPECT_EQ(phase(Family::kIpv4), Phase::kReturned);
}

TEST_F(RouteRetentionTest, TimersEndEachPhase) {
  retention_.lost(kPeer,
                  {.families = kIpv4, .restart_time = seconds(1), .stale_time_ipv4 = seconds(1)});
  EXPECT_TRUE(loop_.run_until([&] { return phase(Family::kIpv4) == Phase::kLongLived; },
                              io::testing::kPatience));
  EXPECT_TRUE(loop_.run_until([&] { return phase(Family::kIpv4) == Phase::kNone; },
                              io::testing::kPatience));
}

TEST_F(RouteRetentionTest, Rfc7313_4_ARefreshLastsUntilItsEnd) {
  retention_.refresh_began(kPeer, Family::kIpv6);
  EXPECT_EQ(phase(Family::kIpv6), Phase::kRefreshing);
  retention_.end_of_rib(kPeer, Family::kIpv6);
  EXPECT_EQ(phase(Family::kIpv6), Phase::kRefreshing);
  retention_.refresh_ended(kPeer, Family::kIpv6);
  EXPECT_EQ(phase(Family::kIpv6), Phase::kNone);
}

TEST_F(RouteRetentionTest, AnOperatorEndsItAll) {
  retention_.lost(kPeer, {.families = kBoth, .restart_time = seconds(100)});
  retention_.drop(kPeer);
  EXPECT_EQ(phase(Family::kIpv4), Phase::kNone);
  EXPECT_EQ(phase(Family::kIpv6), Phase::kNone);
}

TEST_F(RouteRetentionTest, PhasesHaveNames) {
  EXPECT_EQ(to_string(Phase::kNone), "none");
  EXPECT_EQ(to_string(Phase::kRestarting), "restarting");
  EXPECT_EQ(to_string(Phase::kLongLived), "long-lived stale");
  EXPECT_EQ(to_string(Phase::kReturned), "returned");
  EXPECT_EQ(to_string(Phase::kRefreshing), "refreshing");
}

}  // namespace
}  // namespace fabrix::controller
