#include "controller/told_next_hops.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

class ToldNextHopsTest : public testing::Test {
 protected:
  ToldNextHopsTest() {
    world_.announce("b1", "140.0.0.0/24");
    world_.announce("c1", "140.0.0.0/24");
    world_.announce("d1", "150.0.0.0/24");
    world_.announce("c2", "2001:db8:1::/48");
    EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=80) >> fwd(C)"), "");
  }

  verify::NextHops::Group group_of(const net::Prefix& prefix) {
    const routeserver::RouteServer& routes = world_.controller().route_server();
    return world_.controller().next_hops().group(routes.placed(prefix));
  }

  // What a group says is what each client is told.
  void check() {
    const verify::NextHops& hops = world_.controller().next_hops();
    for (const char* text : {"140.0.0.0/24", "150.0.0.0/24", "2001:db8:1::/48"}) {
      const auto prefix = net::Prefix::parse(text).value();
      const auto group = group_of(prefix);
      verify::NextHops::List list;
      hops.list(group, prefix.family(), list);
      for (const exchange::Participant& client : world_.controller().exchange().participants) {
        const auto listed = std::ranges::find(list, client.id, &exchange::ClientNextHop::client);
        const auto instead = hops.instead(group, prefix.family(), client.id);
        ASSERT_EQ(instead.has_value(), listed != list.end()) << text << client.name;
        if (!instead) continue;
        EXPECT_EQ(*instead, listed->address);
        EXPECT_EQ(*instead, hops.of(client.id, prefix));
      }
    }
  }

  World world_;
};

TEST_F(ToldNextHopsTest, AGroupSaysWhatEachClientIsTold) {
  check();
  world_.withdraw("c1", "140.0.0.0/24");
  check();
}

TEST_F(ToldNextHopsTest, APrefixWithOtherRoutesIsInAnotherGroup) {
  const verify::NextHops& hops = world_.controller().next_hops();
  const auto prefix = net::Prefix::parse("140.0.0.0/24").value();
  const auto before = group_of(prefix);
  EXPECT_TRUE(hops.has(before, net::Family::kIpv4));
  EXPECT_FALSE(hops.has(before, net::Family::kIpv6));
  world_.withdraw("c1", "140.0.0.0/24");
  EXPECT_NE(group_of(prefix), before);
  EXPECT_FALSE(hops.has(before, net::Family::kIpv4));
  // Another group at the same place is not taken for it.
  world_.announce("d1", "140.0.0.0/24");
  EXPECT_NE(group_of(prefix), before);
  EXPECT_FALSE(hops.has(before, net::Family::kIpv4));
}

TEST_F(ToldNextHopsTest, GroupsAreMadeAnewWhenTheLastPolicyGoesAndWhenOneComes) {
  const verify::NextHops& hops = world_.controller().next_hops();
  const auto before = hops.grouping();
  world_.remove_policy("A");
  const auto without = hops.grouping();
  EXPECT_NE(without, before);
  EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=80) >> fwd(B)"), "");
  EXPECT_NE(hops.grouping(), without);
  check();
}

}  // namespace
}  // namespace fabrix::controller
