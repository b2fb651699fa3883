#include "verify/world.h"

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

TEST(WorldTest, TheNextPortOfTheSameMemberTakesOver) {
  Walkthrough walkthrough;
  EXPECT_EQ(port_for(walkthrough.world(), Walkthrough::kC2), Walkthrough::kC2);
  walkthrough.port_up[Walkthrough::kC2.index()] = false;
  EXPECT_EQ(port_for(walkthrough.world(), Walkthrough::kC2), Walkthrough::kC1);
  walkthrough.port_up[Walkthrough::kC1.index()] = false;
  EXPECT_EQ(port_for(walkthrough.world(), Walkthrough::kC2), std::nullopt);
}

TEST(WorldTest, ATargetIsReachedByItsFirstRouteOrByItsNamedPort) {
  const Walkthrough walkthrough;
  const exchange::Routes routes{Walkthrough::kB1, Walkthrough::kC2, Walkthrough::kC1};
  const World world = walkthrough.world();
  EXPECT_EQ(route_to(world, {Walkthrough::kC, {}}, routes), Walkthrough::kC2);
  EXPECT_EQ(route_to(world, {Walkthrough::kC, Walkthrough::kC1}, routes), Walkthrough::kC1);
  EXPECT_EQ(route_to(world, {Walkthrough::kD, {}}, routes), std::nullopt);
}

TEST(WorldTest, OnlyDestinationAddressesChangeTheRoute) {
  policy::Clause clause;
  clause.writes = {{.field = net::Field::kSrcIp4, .value = 1}};
  EXPECT_FALSE(changes_destination(clause));
  clause.writes.push_back({.field = net::Field::kDstIp6Low, .value = 1});
  EXPECT_TRUE(changes_destination(clause));
}

}  // namespace
}  // namespace fabrix::verify
