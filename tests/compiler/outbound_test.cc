#include "compiler/outbound.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

class Outbound : public testing::Test {
 protected:
  OutboundPolicy policy(std::vector<policy::Clause> clauses) {
    return {{world_.exchange, reach_homes(world_.exchange), counted_, world_.port_up},
            participant(0),
            policy_of(list_of(std::move(clauses)))};
  }
  World world_{{1, 1, 3, 0}};  // routers: A 0; B 1; C 2, 3, 4
  std::vector<bool> counted_{false, false, true, false};
};

TEST_F(Outbound, TargetsAreWhatClausesAskTagsFor) {
  const auto made = policy({clause(dst_port(80), fwd(participant(2))),
                            clause(dst_port(81), fwd(world_.exchange, router(3))),
                            clause(dst_port(82), fwd(world_.exchange, router(1))),
                            clause(dst_port(83), fwd(participant(3)))});
  ASSERT_EQ(made.targets().size(), 3U);
  EXPECT_EQ(made.targets()[0].target, (policy::Target{participant(1), std::nullopt}));
  EXPECT_EQ(made.targets()[1].routers.size(), 3U);
  EXPECT_EQ(made.targets()[2].target, (policy::Target{participant(2), router(3)}));
  EXPECT_FALSE(made.needs_every_prefix());
  EXPECT_FALSE(made.depends_on_routes());
}

TEST_F(Outbound, UnitsNameTheBestRouterOfEachTarget) {
  const auto made = policy({clause(dst_port(80), fwd(participant(2))),
                            clause(dst_port(81), fwd(world_.exchange, router(3)))});
  const Units units = made.units_of({router(4), router(1), router(3)});
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(units[0].router, router(4));
  EXPECT_EQ(units[1].router, router(3));
  EXPECT_TRUE(made.units_of({router(1)}).empty());
}

TEST_F(Outbound, ClausesThatActUnaskedNeedATagEverywhere) {
  EXPECT_TRUE(policy({clause(dst_port(80), policy::Drop{})}).needs_every_prefix());
  EXPECT_TRUE(policy({clause(dst_port(80), policy::UseDefault{}, {{net::Field::kDscp, 1}})})
                  .needs_every_prefix());
  EXPECT_FALSE(policy({clause(dst_port(80), policy::UseDefault{})}).needs_every_prefix());
}

TEST_F(Outbound, ARewrittenDestinationIsRoutedWhenCompiling) {
  const std::vector<policy::Write> write{{net::Field::kDstIp4, 0x8c000001}};
  const auto made = policy({clause(ether_type(0x0800), fwd(participant(2)), write),
                            clause(ether_type(0x0800), policy::UseDefault{}, write)});
  EXPECT_TRUE(made.depends_on_routes());
  EXPECT_TRUE(made.targets().empty());
  world_.routes.announce(router(1), prefix("140.0.0.0/16"), 0);
  const RouteFacts before = made.facts(world_.routes);
  EXPECT_EQ(before.chosen, (std::vector<std::vector<net::RouterId>>{{}, {router(1)}}));
  world_.routes.announce(router(3), prefix("140.0.0.0/16"), 1);
  const RouteFacts after = made.facts(world_.routes);
  EXPECT_EQ(after.chosen, (std::vector<std::vector<net::RouterId>>{{router(3)}, {router(1)}}));
  EXPECT_NE(before, after);
  const auto clauses = made.clauses(Codebook{}, before);
  EXPECT_TRUE(clauses[0].options.empty());
  EXPECT_TRUE(clauses[1].decisive);
}

// C has three routers, B one: its port and B itself are one target, called by both names.
TEST_F(Outbound, MeaningNamesTargetsAsThePolicyDoes) {
  const auto made = policy({clause(dst_port(80), fwd(participant(1))),
                            clause(dst_port(81), fwd(world_.exchange, router(1))),
                            clause(dst_port(82), fwd(participant(2)))});
  const Codebook codebook(made.targets(), {});
  const program::TagMeaning meaning = made.meaning(codebook);
  EXPECT_EQ(meaning.sender, participant(0));
  ASSERT_EQ(meaning.reached.size(), 5U);
  EXPECT_EQ(meaning.reached[0].port, std::nullopt);
  EXPECT_EQ(meaning.reached[1].port, router(1));
  EXPECT_EQ(meaning.reached[0].tests, meaning.reached[1].tests);
  for (const exchange::Routes& routes : std::vector<exchange::Routes>{{}, {router(3), router(1)}}) {
    const program::Tag tag{.reach = codebook.encode(made.units_of(routes)), .egress = {}};
    const std::uint64_t mac = program::encode(tag).to_u64();
    for (const program::Reached& each : meaning.reached) {
      const auto holds = std::ranges::count_if(
          each.tests, [mac](const auto& test) { return (mac & test.mask) == test.bits; });
      EXPECT_EQ(holds, std::ranges::count(routes, each.router));
    }
  }
}

TEST_F(Outbound, PrefixSetsAreFoundAnywhereInAConditionOnce) {
  const auto set = in_prefixes_of(participant(2), policy::Side::kSource);
  const auto list = list_of({clause(any_of({not_of(all_of({dst_port(80), set})), set}), {}),
                             clause(in_prefixes_of(participant(1), policy::Side::kSource), {})});
  EXPECT_EQ(prefix_sets_of(list), (std::vector{participant(1), participant(2)}));
}

}  // namespace
}  // namespace fabrix::compiler
