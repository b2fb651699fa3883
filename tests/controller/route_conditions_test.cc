// Policies that ask routes what they carry, on a whole exchange: announcements move traffic, and
// nobody sets a policy again.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "rpki/origin_validation.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr const char* kWeb = "tcp 100.0.0.1:40000 -> 140.0.0.1:80";

bgp::PathAttributes tagged(const std::vector<std::uint32_t>& asns, bgp::Community community) {
  auto attributes = World::path(asns);
  attributes.communities = {community};
  return attributes;
}

class RouteConditionsOfAWorldTest : public testing::Test {
 protected:
  RouteConditionsOfAWorldTest() {
    world_.announce("b1", "140.0.0.0/16", World::path({200}));
    world_.announce("c1", "140.0.0.0/16", World::path({300, 7}));
  }

  World world_;
};

TEST_F(RouteConditionsOfAWorldTest, ACommunityMovesTrafficAndItsEndMovesItBack) {
  EXPECT_EQ(world_.set_policy("A", "outbound = rib(community=200:1) >> fwd(C)\n"), "");
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
  world_.announce("b1", "140.0.0.0/16", tagged({200}, bgp::community(200, 1)));
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  EXPECT_EQ(world_.send("a2", kWeb), "c1");
  EXPECT_EQ(world_.send("d1", "tcp 104.0.0.1:40000 -> 140.0.0.1:80"), "b1");
  world_.announce("b1", "140.0.0.0/16", tagged({200}, bgp::community(200, 2)));
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
}

TEST_F(RouteConditionsOfAWorldTest, TheLongestPrefixAnswers) {
  EXPECT_EQ(world_.set_policy("A", "outbound = rib(community=200:1) >> fwd(C)\n"), "");
  world_.announce("b1", "140.0.0.0/16", tagged({200}, bgp::community(200, 1)));
  world_.announce("b1", "140.0.0.0/24", World::path({200}));
  world_.announce("c1", "140.0.0.0/24", World::path({300, 7}));
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
  EXPECT_EQ(world_.send("a1", "tcp 100.0.0.1:40000 -> 140.0.1.1:80"), "c1");
  world_.withdraw("b1", "140.0.0.0/24");
  world_.withdraw("c1", "140.0.0.0/24");
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
}

TEST_F(RouteConditionsOfAWorldTest, AnAsPathAndWhoHasTheBestRouteMoveTraffic) {
  EXPECT_EQ(world_.set_policy("A",
                              "outbound = (rib(as_path =~ \"_666_\") >> drop)\n"
                              "        // (match(dstport=80) >> best_via(B) >> fwd(C))\n"),
            "");
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  world_.announce("b1", "140.0.0.0/16", World::path({200, 8, 9}));
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  world_.announce("c1", "140.0.0.0/16", World::path({300, 666}));
  EXPECT_EQ(world_.send("a1", kWeb), "nowhere");
  world_.announce("b1", "140.0.0.0/16", World::path({200}));
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
}

TEST_F(RouteConditionsOfAWorldTest, AnInboundPolicyAsksAboutItsOwnRoutesAndAboutSources) {
  world_.announce("a1", "100.0.0.0/24", tagged({100}, bgp::community(100, 9)));
  EXPECT_EQ(world_.set_policy("C",
                              "inbound = (rib(community=300:2) >> fwd(C2))\n"
                              "       // (src_rib(community=100:9) >> fwd(C2))\n"),
            "");
  EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=80) >> fwd(C)\n"), "");
  EXPECT_EQ(world_.send("a1", kWeb), "c2");
  world_.announce("a1", "100.0.0.0/24", World::path({100}));
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  world_.announce("c1", "140.0.0.0/16", tagged({300, 7}, bgp::community(300, 2)));
  EXPECT_EQ(world_.send("a1", kWeb), "c2");
}

// Without an UPDATE, and with the route accepted before and after.
TEST_F(RouteConditionsOfAWorldTest, NewRpkiDataMovesTraffic) {
  EXPECT_EQ(world_.set_policy("A", "outbound = rib(rpki=invalid) >> fwd(C)\n"), "");
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
  routeserver::ImportData data;
  data.vrps = std::make_shared<const rpki::VrpTable>(rpki::VrpTable::build(
      {{.prefix = World::prefix("140.0.0.0/16"), .max_length = 16, .asn = net::Asn{1}}}));
  world_.controller().set_import_data(data, nullptr);
  world_.settle();
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  world_.controller().set_import_data({}, nullptr);
  world_.settle();
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
}

TEST_F(RouteConditionsOfAWorldTest, PrefixSetsFollowBgpUnderSetAlgebra) {
  EXPECT_EQ(world_.set_policy("A", "outbound = dst_in(prefixes(C) - prefixes(D)) >> fwd(C)\n"), "");
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  world_.announce("d1", "140.0.0.0/16", World::path({400, 1, 2, 3}));
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
  world_.withdraw("d1", "140.0.0.0/16");
  EXPECT_EQ(world_.send("a1", kWeb), "c1");
  world_.withdraw("c1", "140.0.0.0/16");
  EXPECT_EQ(world_.send("a1", kWeb), "b1");
}

}  // namespace
}  // namespace fabrix::controller
