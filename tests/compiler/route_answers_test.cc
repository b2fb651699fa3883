#include "compiler/route_answers.h"

#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "policy/route_test.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

policy::OnRoute med_is(std::uint64_t med, policy::Side side = policy::Side::kDestination) {
  policy::RouteTests tests;
  tests.all.emplace_back(policy::RouteNumberTest{policy::RouteNumber::kMed, {{med, med}}});
  return {.tests = std::make_shared<const policy::RouteTests>(std::move(tests)), .side = side};
}

net::OwnedRoute with_med(std::uint32_t med) {
  return {.as_path = {}, .med = med};
}

bool contains(const policy::AddressSet& set, const net::IpAddress& address) {
  const policy::AddressSet one = policy::single(address);
  return policy::includes(set.v4, one.v4) && policy::includes(set.v6, one.v6);
}

TEST(RouteAnswersTest, TheLongestPrefixDecides) {
  World world({1, 1, 1});
  world.routes.announce(router(1), prefix("10.0.0.0/8"), 0, with_med(1));
  world.routes.announce(router(1), prefix("10.1.0.0/16"), 0, with_med(2));
  world.routes.announce(router(1), prefix("10.1.1.0/24"), 0, with_med(1));
  world.routes.announce(router(1), prefix("::/0"), 0, with_med(1));
  RouteAnswers answers(participant(0), policy::Direction::kOutbound, {med_is(1)});
  answers.read(world.routes);
  ASSERT_EQ(answers.regions().size(), 1U);
  const policy::AddressSet& region = answers.regions()[0];
  EXPECT_EQ(region.v4,
            (std::vector<policy::Interval>{
                {0x0a000000, 0x0a00ffff}, {0x0a010100, 0x0a0101ff}, {0x0a020000, 0x0affffff}}));
  EXPECT_EQ(region.v6, (std::vector<policy::Range128>{{0, ~policy::Uint128{0}}}));
}

TEST(RouteAnswersTest, AnInboundPolicyAsksForItsOwnRoutesAndForThoseOfSources) {
  World world({1, 1, 1});
  world.routes.announce(router(0), prefix("10.0.0.0/8"), 0, with_med(1));
  world.routes.announce(router(1), prefix("10.0.0.0/8"), 0, with_med(2));
  RouteAnswers answers(
      participant(0), policy::Direction::kInbound,
      {med_is(1), med_is(1, policy::Side::kSource), med_is(2, policy::Side::kSource)});
  answers.read(world.routes);
  EXPECT_TRUE(contains(answers.regions()[0], ip("10.1.1.1")));
  EXPECT_FALSE(contains(answers.regions()[1], ip("10.1.1.1")));
  EXPECT_TRUE(contains(answers.regions()[2], ip("10.1.1.1")));
}

// Against what the definition says of single addresses (policy/route_test.h).
TEST(RouteAnswersTest, ReadAgainTheySayWhatTheRoutesSay) {
  constexpr std::uint32_t kSeed = 5;
  std::mt19937 random(kSeed);
  World world({1, 2, 1});
  const std::vector<net::Prefix> prefixes{
      prefix("0.0.0.0/0"),   prefix("10.0.0.0/8"), prefix("10.0.0.0/9"), prefix("10.128.0.0/9"),
      prefix("10.0.0.0/32"), prefix("2001::/16"),  prefix("2001::/17"),  prefix("2001::/127"),
      prefix("ffff::/16"),   prefix("255.0.0.0/8")};
  const std::vector<net::IpAddress> addresses{
      ip("0.0.0.0"),     ip("10.0.0.0"),
      ip("10.0.0.1"),    ip("10.127.255.255"),
      ip("10.128.0.0"),  ip("255.255.255.255"),
      ip("2001::"),      ip("2001::2"),
      ip("2001:8000::"), ip("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
      ip("::")};
  RouteAnswers answers(participant(0), policy::Direction::kOutbound, {med_is(0), med_is(1)});
  answers.read(world.routes);
  for (int round = 0; round < 500; ++round) {
    const net::Prefix& changed = prefixes[random() % prefixes.size()];
    const net::RouterId from = router(1 + static_cast<unsigned>(random() % 3));
    if (random() % 3 == 0) {
      world.routes.announce(from, changed, static_cast<int>(random() % 3),
                            with_med(static_cast<std::uint32_t>(random() % 2)));
    } else if (!world.routes.routes(participant(0), changed).empty()) {
      for (unsigned i = 1; i < 4; ++i) world.routes.withdraw(router(i), changed);
    }
    answers.read(RouteChange{.prefixes = {&changed, 1}}, world.routes);
    for (const net::IpAddress& address : addresses) {
      const auto longest = world.routes.resolve(participant(0), address);
      const auto route = longest ? world.routes.best_route(participant(0), *longest) : std::nullopt;
      for (std::uint32_t med = 0; med < 2; ++med) {
        ASSERT_EQ(contains(answers.regions()[med], address), route && route->med == med)
            << address.to_string() << " in round " << round << ", seed " << kSeed;
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
