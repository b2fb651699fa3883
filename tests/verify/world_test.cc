#include "verify/world.h"

#include <optional>

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"
#include "verify/reference.h"

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

TEST(WorldTest, AChainGoesPastWhatIsDown) {
  Walkthrough walkthrough;
  policy::Clause clause;
  clause.extras.via = {Walkthrough::kB1, Walkthrough::kC1, Walkthrough::kD1};
  const auto next = [&](std::optional<net::RouterId> after) {
    return next_middlebox(walkthrough.world(), clause, after);
  };
  EXPECT_EQ(next({}), Walkthrough::kB1);
  EXPECT_EQ(next(Walkthrough::kB1), Walkthrough::kC1);
  EXPECT_EQ(next(Walkthrough::kD1), std::nullopt) << "the last";
  EXPECT_EQ(next(Walkthrough::kA1), std::nullopt) << "one of another chain";
  walkthrough.port_up[Walkthrough::kB1.index()] = false;
  walkthrough.port_up[Walkthrough::kC1.index()] = false;
  EXPECT_EQ(next({}), Walkthrough::kD1);
  EXPECT_EQ(next(Walkthrough::kB1), Walkthrough::kD1);
  walkthrough.port_up[Walkthrough::kD1.index()] = false;
  EXPECT_EQ(next({}), std::nullopt);
}

TEST(WorldTest, WithoutRoomWhatIsNamedNeverApplies) {
  const Walkthrough walkthrough;
  const World world = walkthrough.world();
  const policy::Shortfall untold{.owner = Walkthrough::kA, .untold = {{Walkthrough::kB, {}}}};
  const net::Packet web =
      walkthrough.packet(Walkthrough::kA1, "tcp 100.0.0.1:40000 -> 140.0.0.1:80");
  EXPECT_EQ(deliver(world, Walkthrough::kA1, web).target, Walkthrough::kB);
  const World silent = without_room(world, {&untold, 1});
  EXPECT_EQ(deliver(silent, Walkthrough::kA1, web).target, Walkthrough::kC);
  EXPECT_EQ(silent.policies[Walkthrough::kC.index()], world.policies[Walkthrough::kC.index()]);

  const policy::Shortfall no_inbound{.owner = Walkthrough::kC, .no_inbound = true};
  EXPECT_EQ(deliver(silent, Walkthrough::kA1, web).router, Walkthrough::kC2);
  EXPECT_EQ(deliver(without_room(silent, {&no_inbound, 1}), Walkthrough::kA1, web).router,
            Walkthrough::kC1);

  const policy::Shortfall no_outbound{.owner = Walkthrough::kA, .no_outbound = true};
  const World mute = without_room(world, {&no_outbound, 1});
  EXPECT_EQ(deliver(mute, Walkthrough::kA1, web).target, Walkthrough::kC);
  EXPECT_EQ(mute.policies[Walkthrough::kA.index()]->outbound.clauses.size(), 2U);
}

}  // namespace
}  // namespace fabrix::verify
