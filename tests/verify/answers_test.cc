#include "verify/answers.h"

#include <memory>

#include <gtest/gtest.h>

#include "policy/route_test.h"
#include "tests/verify/random_world.h"

namespace fabrix::verify {
namespace {

policy::OnRoute med_is(std::uint64_t med, policy::Side side) {
  policy::RouteTests tests;
  tests.all.emplace_back(policy::RouteNumberTest{policy::RouteNumber::kMed, {{med, med}}});
  return {.tests = std::make_shared<const policy::RouteTests>(std::move(tests)), .side = side};
}

// Through ten changes of routes.
void expect_as_anew(RandomWorld& random, policy::Direction direction, policy::Side side) {
  const auto& routes = random.reachability();
  const auto owner = random.any_router().participant;
  const auto question = med_is(random.below(2), side);
  Answers kept(owner, direction, question, routes);
  for (int round = 0; round < 10; ++round) {
    const auto before = kept.opinions();
    const bool changed = kept.ask_again(routes.placed(random.change_routes()), routes);
    EXPECT_EQ(kept.opinions(), Answers(owner, direction, question, routes).opinions());
    if (!changed) {
      EXPECT_EQ(kept.opinions(), before);
    }
  }
}

TEST(AnswersTest, AskedAgainTheyAreAsIfAskedAnew) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    RandomWorld random(seed);
    for (const auto direction : {policy::Direction::kOutbound, policy::Direction::kInbound}) {
      for (const auto side : {policy::Side::kSource, policy::Side::kDestination}) {
        expect_as_anew(random, direction, side);
      }
    }
  }
}

TEST(AnswersTest, TheLongestPrefixComesFirstAndWhatOnlyRepeatsIsLeftOut) {
  RandomWorld random(1);
  TableReachability routes(random.exchange());
  const auto& router = random.exchange().routers.back();
  const auto announce = [&](const char* prefix, std::uint32_t med) {
    TableReachability::Route route{.router = router.id};
    route.attributes.med = med;
    routes.announce(net::Prefix::parse(prefix).value(), route);
  };
  announce("10.0.0.0/8", 0);
  announce("10.1.0.0/16", 1);
  announce("10.1.1.0/24", 0);
  announce("11.0.0.0/8", 0);
  const Answers answers(router.participant, policy::Direction::kInbound,
                        med_is(1, policy::Side::kDestination), routes);
  const auto opinions = answers.opinions();
  ASSERT_EQ(opinions.size(), 2U);
  EXPECT_EQ(opinions[0].prefix.to_string(), "10.1.1.0/24");
  EXPECT_FALSE(opinions[0].holds);
  EXPECT_EQ(opinions[1].prefix.to_string(), "10.1.0.0/16");
  EXPECT_TRUE(opinions[1].holds);
}

}  // namespace
}  // namespace fabrix::verify
