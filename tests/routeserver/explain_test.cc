#include "routeserver/explain.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

Rival rival(const bgp::PathAttributes& attributes, std::uint32_t identifier = 1,
            std::string_view of = "172.0.0.1", Standing standing = Standing::kNormal) {
  return {.preference = preference_of(attributes, standing),
          .bgp_identifier = identifier,
          .address = address(of)};
}

std::string why(const Rival& better, const Rival& next) {
  return explain(better, next).text;
}

TEST(ExplainTest, Rfc4271_9_1_2_2_NamesTheFirstStepInWhichTheRoutesDiffer) {
  EXPECT_EQ(why(rival({.as_path = path({1, 2})}, 9), rival({.as_path = path({3, 4, 5})}, 1)),
            "shorter AS path (2 against 3)");
  EXPECT_EQ(why(rival({.as_path = path({1})}, 9),
                rival({.origin = bgp::Origin::kIncomplete, .as_path = path({3})}, 1)),
            "lower origin (IGP against incomplete)");
  EXPECT_EQ(
      why(rival({.as_path = path({1}), .med = 5}, 9), rival({.as_path = path({1}), .med = 10}, 1)),
      "lower MED (5 against 10, same neighbouring AS)");
  EXPECT_EQ(why(rival({.as_path = path({1}), .med = 10}, 0x0a000001),
                rival({.as_path = path({2}), .med = 5}, 0x0a000102)),
            "lower BGP identifier (10.0.0.1 against 10.0.1.2)");
  EXPECT_EQ(
      why(rival({.as_path = path({1})}, 7), rival({.as_path = path({2})}, 7, "2001:db8:ff::1")),
      "lower address (172.0.0.1 against 2001:db8:ff::1)");
}

TEST(ExplainTest, Rfc8326_4_2_AndRfc9494_4_3_LastChoicesComeBeforeAnythingElse) {
  const bgp::PathAttributes good{.as_path = path({1, 2, 3})};
  const bgp::PathAttributes better{.as_path = path({1})};
  EXPECT_EQ(explain(rival(good), rival(better, 1, "172.0.0.1", Standing::kGracefulShutdown)).step,
            DecisionStep::kGracefulShutdown);
  EXPECT_EQ(explain(rival(good, 1, "172.0.0.1", Standing::kGracefulShutdown),
                    rival(better, 1, "172.0.0.1", Standing::kLongLivedStale))
                .step,
            DecisionStep::kLongLivedStale);
}

// The step that is named is really in favour of the one before, in every order that rank() makes.
TEST(ExplainTest, IsTrueOfNeighboursInTheOrderOfRank) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Contender> order;
    const auto count = static_cast<std::uint32_t>(2 + random() % 5);
    for (std::uint32_t i = 0; i < count; ++i) {
      const bgp::PathAttributes attributes{
          .origin = static_cast<bgp::Origin>(random() % 2),
          .as_path = path(std::vector<std::uint32_t>(1 + random() % 2,
                                                     static_cast<std::uint32_t>(1 + random() % 2))),
          .med = static_cast<std::uint32_t>(random() % 3)};
      order.push_back({.preference = preference_of(attributes, static_cast<Standing>(random() % 3)),
                       .tie = i,
                       .index = i});
    }
    rank(order);
    for (std::size_t i = 1; i < order.size(); ++i) {
      const auto& a = order[i - 1];
      const auto& b = order[i];
      const Rival better{.preference = a.preference, .bgp_identifier = a.index};
      const Rival next{.preference = b.preference, .bgp_identifier = b.index};
      switch (explain(better, next).step) {
        case DecisionStep::kMed:
          EXPECT_LT(a.preference.med, b.preference.med);
          EXPECT_EQ(a.preference.before_med, b.preference.before_med);
          break;
        case DecisionStep::kBgpIdentifier:
          EXPECT_LT(a.tie, b.tie);
          EXPECT_EQ(a.preference.before_med, b.preference.before_med);
          break;
        default:
          EXPECT_LT(a.preference.before_med, b.preference.before_med);
      }
    }
  }
}

TEST(ExplainTest, EveryStepHasANameOfItsOwn) {
  std::vector<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(DecisionStep::kAddress); ++i) {
    names.push_back(name_of(static_cast<DecisionStep>(i)));
  }
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

class AdvantageTest : public ::testing::Test {
 protected:
  AdvantageTest() {
    for (const Peer& peer : server_.peers()) {
      server_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U, .families = {true, true}});
    }
  }
  void announce(std::string_view from, bgp::PathAttributes attributes) {
    server_.update(*server_.find_peer(address(from)),
                   announcement("140.0.0.0/24", from, std::move(attributes)));
  }

  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
};

TEST_F(AdvantageTest, ComparesRoutesAsTheServerRanksThem) {
  announce("172.0.0.11", {.as_path = path({200})});
  announce("172.0.0.21", {.as_path = path({300}), .med = 9});
  announce("172.0.0.22", {.as_path = path({300}), .med = 1});
  announce("172.0.0.1", {.as_path = path({666})});
  const auto routes = server_.all_routes(prefix("140.0.0.0/24"));
  ASSERT_EQ(routes.size(), 4U);
  EXPECT_EQ(server_.advantage(routes[0], routes[1]).step, DecisionStep::kBgpIdentifier);
  EXPECT_EQ(server_.advantage(routes[1], routes[2]).step, DecisionStep::kMed);
  EXPECT_EQ(server_.advantage(routes[2], routes[3]).step, DecisionStep::kAccepted);
}

TEST_F(AdvantageTest, TellsHowAClientGetsARouteOrWhichCommunityKeepsIt) {
  announce("172.0.0.21", {.as_path = path({300}),
                          .communities = {bgp::community(0, 200), bgp::community(65512, 100)}});
  const auto routes = server_.all_routes(prefix("140.0.0.0/24"));
  ASSERT_EQ(routes.size(), 1U);
  const auto a = exchange_.find_participant("A")->id;
  const auto b = exchange_.find_participant("B")->id;
  EXPECT_EQ(server_.treatment(a, routes[0])->prepends, 2);
  EXPECT_FALSE(server_.treatment(b, routes[0]));
  EXPECT_EQ(server_.why_not(b, routes[0]), Exclusion::kCommunity);
  EXPECT_EQ(server_.keeping(b, routes[0]), ExportControl::AnyCommunity(bgp::community(0, 200)));
}

}  // namespace
}  // namespace fabrix::routeserver
