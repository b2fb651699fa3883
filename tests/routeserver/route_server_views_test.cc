#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class RouteServerViewsTest : public testing::Test {
 protected:
  RouteServerViewsTest() {
    for (const Peer& peer : server_.peers()) {
      server_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                   .families = {.ipv4 = true, .ipv6 = true}});
    }
  }
  PeerId peer(std::string_view at) { return *server_.find_peer(address(at)); }
  net::ParticipantId participant(std::string_view name) {
    return exchange_.find_participant(name)->id;
  }
  void announce(std::string_view from, std::string_view what, bgp::PathAttributes attributes) {
    server_.update(peer(from), announcement(what, from, std::move(attributes)));
  }
  // Why A may not use the only route of the prefix.
  std::optional<Exclusion> why_not_a(std::string_view what) {
    const auto routes = server_.all_routes(prefix(what));
    EXPECT_EQ(routes.size(), 1U);
    return server_.why_not(participant("A"), routes.front());
  }

  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
};

TEST_F(RouteServerViewsTest, SaysWhyAClientMayNotUseARoute) {
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  EXPECT_EQ(why_not_a("10.0.0.0/24"), std::nullopt);
  announce("172.0.0.11", "10.0.1.0/24", {.as_path = path({9})});
  EXPECT_EQ(why_not_a("10.0.1.0/24"), Exclusion::kRejected);
  announce("172.0.0.1", "10.0.2.0/24", {.as_path = path({100})});
  EXPECT_EQ(why_not_a("10.0.2.0/24"), Exclusion::kOwnRoute);
  announce("172.0.0.11", "10.0.3.0/24", {.as_path = path({200, 100})});
  EXPECT_EQ(why_not_a("10.0.3.0/24"), Exclusion::kClientInPath);
  announce("172.0.0.11", "10.0.4.0/24",
           {.as_path = path({200}), .communities = {bgp::community(0, 100)}});
  EXPECT_EQ(why_not_a("10.0.4.0/24"), Exclusion::kCommunity);
  const auto routes = server_.all_routes(prefix("10.0.0.0/24"));
  EXPECT_EQ(server_.why_not(participant("D"), routes.front()), Exclusion::kNoPeering);
  server_.set_usable(participant("B"), Usability::kUnusable);
  EXPECT_EQ(why_not_a("10.0.0.0/24"), Exclusion::kUnusable);
}

TEST_F(RouteServerViewsTest, Rfc9494_4_3_ALongLivedStaleRouteIsNotForThoseWhoDoNotKnowSuchRoutes) {
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  server_.session_lost(peer("172.0.0.11"), {.ipv4 = true});
  EXPECT_TRUE(server_.all_routes(prefix("10.0.0.0/24")).front().stale);
  EXPECT_EQ(why_not_a("10.0.0.0/24"), std::nullopt);
  server_.keep_stale_long(peer("172.0.0.11"), net::Family::kIpv4);
  EXPECT_EQ(why_not_a("10.0.0.0/24"), Exclusion::kStale);
  // It comes back, and knows them.
  server_.session_up(
      peer("172.0.0.1"),
      {.bgp_identifier = 1, .families = {.ipv4 = true, .ipv6 = true}, .long_lived = true});
  EXPECT_EQ(why_not_a("10.0.0.0/24"), std::nullopt);
  server_.publish(server_.take_changed());
  const auto told = server_.told(peer("172.0.0.1"), prefix("10.0.0.0/24"));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->attributes.communities, std::vector{bgp::Community{0xffff0006}});
}

// B's router comes back with another identifier while its routes are kept: they are ranked by it.
TEST_F(RouteServerViewsTest, Rfc4724_4_2_RoutesThatWereKeptAreRankedByTheIdentifierOfTheRouterNow) {
  const auto told = [this] {
    server_.publish(server_.take_changed());
    return server_.told(peer("172.0.0.1"), prefix("10.0.0.0/24"))->attributes.as_path;
  };
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  announce("172.0.0.21", "10.0.0.0/24", {.as_path = path({300})});
  EXPECT_EQ(told(), path({200})) << "RFC 4271 §9.1.2.2 f: the lower identifier";
  server_.session_lost(peer("172.0.0.11"), {.ipv4 = true});
  EXPECT_EQ(told(), path({200}));
  server_.session_up(peer("172.0.0.11"), {.bgp_identifier = 99, .families = {.ipv4 = true}});
  EXPECT_EQ(told(), path({300}));
  const auto routes = server_.all_routes(prefix("10.0.0.0/24"));
  EXPECT_EQ(server_.advantage(routes[0], routes[1]).step, DecisionStep::kBgpIdentifier);
  EXPECT_TRUE(routes[1].stale) << "it has not said it again";
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  EXPECT_EQ(told(), path({300}));
}

TEST_F(RouteServerViewsTest, EveryExclusionIsDescribed) {
  for (int i = 0; i <= static_cast<int>(Exclusion::kUnsayable); ++i) {
    EXPECT_NE(describe(static_cast<Exclusion>(i)), "unknown reason") << i;
  }
}

TEST_F(RouteServerViewsTest, WalksThePrefixesInPortions) {
  for (int i = 0; i < 10; ++i) {
    announce("172.0.0.11", "10.0." + std::to_string(9 - i) + ".0/24", {.as_path = path({200})});
  }
  server_.update(peer("172.0.0.11"), withdrawal("10.0.3.0/24"));
  std::vector<net::Prefix> walked;
  std::uint32_t cursor = 0;
  int calls = 0;
  do {
    for (const auto& each : server_.prefixes_from(cursor, 4)) walked.push_back(each);
    ++calls;
  } while (cursor != 0);
  EXPECT_EQ(calls, 3);
  std::ranges::sort(walked);
  EXPECT_EQ(walked, server_.prefixes());
  EXPECT_EQ(walked.size(), 9U);
  EXPECT_EQ(server_.prefix_count(), 9U);
}

TEST_F(RouteServerViewsTest, IsTheCompilersReachability) {
  announce("172.0.0.11", "10.0.0.0/16", {.as_path = path({200})});
  announce("172.0.0.21", "10.0.0.0/16", {.as_path = path({300})});
  announce("172.0.0.22", "10.0.0.0/16", {.as_path = path({300, 1})});
  announce("172.0.0.21", "10.0.9.0/24", {.as_path = path({9})});  // rejected
  EXPECT_EQ(server_.announced_by(participant("C")), std::vector{prefix("10.0.0.0/16")});
  EXPECT_EQ(server_.resolve(participant("A"), address("10.0.9.1")), prefix("10.0.0.0/16"));
  int visited = 0;
  server_.for_each_prefix(participant("A"), [&](const net::Prefix& what, const auto& routes) {
    ++visited;
    EXPECT_EQ(what, prefix("10.0.0.0/16"));
    EXPECT_EQ(routes.size(), 3U);
  });
  EXPECT_EQ(visited, 1);
  EXPECT_EQ(server_.candidates(participant("A"), prefix("10.0.0.0/16")).size(), 3U);
  EXPECT_TRUE(server_.routes(participant("D"), prefix("10.0.0.0/16")).empty());
}

TEST_F(RouteServerViewsTest, ShowsPoliciesARouteAsItsMemberAnnouncedIt) {
  announce("172.0.0.11", "10.0.0.0/16",
           {.as_path = path({200, 7}), .med = 5, .communities = {bgp::community(0, 400)}});
  announce("172.0.0.21", "10.0.0.0/16", {.as_path = path({300})});
  const auto best = server_.best_route(participant("A"), prefix("10.0.0.0/16"));
  ASSERT_TRUE(best);
  EXPECT_EQ(best->announcer, participant("C"));
  EXPECT_EQ(best->neighbor, net::Asn{300});
  EXPECT_EQ(*best->as_path, path({300}));
  EXPECT_EQ(best->med, std::nullopt);
  const auto own = server_.own_route(participant("B"), prefix("10.0.0.0/16"));
  ASSERT_TRUE(own);
  EXPECT_EQ(own->announcer, participant("B"));
  EXPECT_EQ(own->med, 5U);
  ASSERT_EQ(own->communities.size(), 1U);
  EXPECT_EQ(own->communities[0], bgp::community(0, 400));
  EXPECT_EQ(own->rpki, net::RpkiState::kUnknown);
  EXPECT_FALSE(server_.own_route(participant("A"), prefix("10.0.0.0/16")));
  EXPECT_FALSE(server_.best_route(participant("A"), prefix("10.0.0.0/24")));
}

TEST_F(RouteServerViewsTest, TheBestRouteIsTheFirstOfRoutes) {
  announce("172.0.0.11", "10.0.0.0/16", {.as_path = path({200})});
  announce("172.0.0.21", "10.0.0.0/16", {.as_path = path({300})});
  announce("172.0.0.22", "10.0.0.0/16", {.as_path = path({300, 1})});
  for (const char* client : {"A", "B", "C"}) {
    const auto routes = server_.routes(participant(client), prefix("10.0.0.0/16"));
    const auto best = server_.best_route(participant(client), prefix("10.0.0.0/16"));
    ASSERT_EQ(best.has_value(), !routes.empty()) << client;
    if (!best) continue;
    const auto first = server_.candidates(participant(client), prefix("10.0.0.0/16")).front();
    EXPECT_EQ(best->announcer, first.participant) << client;
    EXPECT_EQ(best->as_path, &first.attributes().as_path) << client;
  }
}

TEST_F(RouteServerViewsTest, FindsTheRouteOfASession) {
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  announce("172.0.0.21", "10.0.0.0/24", {.as_path = path({9})});  // rejected
  const auto accepted = server_.route_of(peer("172.0.0.11"), prefix("10.0.0.0/24"));
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->attributes().as_path, path({200}));
  EXPECT_FALSE(accepted->rejected);
  const auto rejected = server_.route_of(peer("172.0.0.21"), prefix("10.0.0.0/24"));
  ASSERT_TRUE(rejected);
  EXPECT_TRUE(rejected->rejected);
  EXPECT_FALSE(server_.route_of(peer("172.0.0.22"), prefix("10.0.0.0/24")));
  EXPECT_FALSE(server_.route_of(peer("172.0.0.11"), prefix("10.0.1.0/24")));
}

TEST_F(RouteServerViewsTest, WhatASessionWasToldIsWhatWasPublished) {
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  EXPECT_EQ(server_.told(peer("172.0.0.1"), prefix("10.0.0.0/24")), std::nullopt);
  server_.publish(server_.take_changed());
  EXPECT_EQ(server_.told_count(peer("172.0.0.1"), net::Family::kIpv4), 1U);
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200, 7})});
  EXPECT_EQ(server_.told(peer("172.0.0.1"), prefix("10.0.0.0/24"))->attributes.as_path,
            path({200}));
  server_.publish(server_.take_changed());
  EXPECT_EQ(server_.told(peer("172.0.0.1"), prefix("10.0.0.0/24"))->attributes.as_path,
            path({200, 7}));
}

}  // namespace
}  // namespace fabrix::routeserver
