#include "lab/plan.h"

#include <gtest/gtest.h>

#include "tests/lab/daemon_world.h"

namespace fabrix::lab {
namespace {

using testing::ip;
using testing::prefix;

TEST(PlanTest, HasOneSessionForEachAddressOfTheRouteServerFromOurAddressOfItsFamily) {
  const auto sessions = sessions_of(testing::sample_plan());
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].local, ip("192.0.2.1"));
  EXPECT_EQ(sessions[0].route_server, ip("192.0.2.254"));
  EXPECT_EQ(sessions[1].local, ip("2001:db8::1"));
  EXPECT_EQ(sessions[1].route_server, ip("2001:db8::fe"));
}

TEST(PlanTest, HasNoSessionInAFamilyThatTheRouterLacks) {
  RouterPlan plan = testing::sample_plan();
  plan.lan_addresses = {ip("2001:db8::1")};
  const auto sessions = sessions_of(plan);
  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].route_server, ip("2001:db8::fe"));
  EXPECT_FALSE(sessions[0].carries(net::Family::kIpv4));
}

TEST(PlanTest, Rfc8950_Ipv4RoutesGoOverTheIpv6SessionWhereThereIsNoOther) {
  RouterPlan plan = testing::sample_plan();
  plan.extended_next_hop = true;
  EXPECT_FALSE(sessions_of(plan)[1].carries(net::Family::kIpv4));
  plan.lan_addresses = {ip("2001:db8::1")};
  ASSERT_EQ(sessions_of(plan).size(), 1U);
  EXPECT_TRUE(sessions_of(plan)[0].carries(net::Family::kIpv4));
  EXPECT_TRUE(sessions_of(plan)[0].carries(net::Family::kIpv6));
}

TEST(PlanTest, FindsItsPrefixesAndNoOthers) {
  const RouterPlan plan = testing::sample_plan();
  EXPECT_EQ(index_of(plan, prefix("198.51.100.0/24")).value(), 0U);
  EXPECT_EQ(index_of(plan, prefix("2001:db8:1::/48")).value(), 1U);
  const auto stranger = index_of(plan, prefix("198.51.100.0/25"));
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().message, "198.51.100.0/25 is not a prefix of a1");
}

TEST(PlanTest, KeepsFilesInTheDirectory) {
  EXPECT_EQ(file_of(testing::sample_plan(), "bird.log"), "/lab/a1/bird.log");
  EXPECT_EQ(word_of(net::Family::kIpv4), "ipv4");
  EXPECT_EQ(word_of(net::Family::kIpv6), "ipv6");
}

}  // namespace
}  // namespace fabrix::lab
