#include "routeserver/route_server.h"

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "exchange/dynamic_neighbors.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class RouteServerTest : public testing::Test {
 protected:
  RouteServerTest() {
    for (const Peer& peer : server_.peers()) {
      server_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                   .families = {.ipv4 = true, .ipv6 = true},
                                   .asn_width = bgp::AsnWidth::kFourOctets});
    }
  }

  PeerId peer(std::string_view at) { return *server_.find_peer(address(at)); }
  net::ParticipantId participant(std::string_view name) {
    return exchange_.find_participant(name)->id;
  }

  void announce(std::string_view from, std::string_view what,
                const std::vector<std::uint32_t>& asns,
                std::vector<bgp::Community> communities = {}) {
    server_.update(
        peer(from),
        announcement(what, from, {.as_path = path(asns), .communities = std::move(communities)}));
  }

  // Names of the routers whose routes a participant may use, best first.
  std::string routes(std::string_view client, std::string_view what) {
    std::string names;
    for (const net::RouterId id : server_.routes(participant(client), prefix(what))) {
      names += (names.empty() ? "" : " ") + exchange_.router(id).name;
    }
    return names;
  }

  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
};

TEST_F(RouteServerTest, Rfc8212_3_WithoutAPolicyNoRouteIsEligibleAndNoneIsTold) {
  announce("172.0.0.11", "140.0.0.0/24", {200});
  server_.publish(server_.take_changed());
  EXPECT_TRUE(server_.told(peer("172.0.0.1"), prefix("140.0.0.0/24")));

  exchange::Exchange without = exchange_;
  for (auto& member : without.participants) member.import = preset(exchange::PolicyPreset::kNone);
  server_.reconfigure(without);
  server_.publish(server_.take_changed());
  EXPECT_EQ(server_.all_routes(prefix("140.0.0.0/24")).front().rejected, RejectReason::kNoPolicy);
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "");
  EXPECT_FALSE(server_.told(peer("172.0.0.1"), prefix("140.0.0.0/24")));

  server_.reconfigure(exchange_);
  server_.publish(server_.take_changed());
  EXPECT_TRUE(server_.told(peer("172.0.0.1"), prefix("140.0.0.0/24"))) << "nothing was lost";
}

TEST_F(RouteServerTest, TenThousandDynamicNeighboursInTurnNeedOnePeerId) {
  const std::size_t peers = server_.peers().size();
  exchange_.route_server.dynamic = {{.prefix = prefix("172.0.64.0/18"), .limit = 1}};
  announce("172.0.0.11", "140.0.0.0/24", {200});
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    const auto own =
        address("172.0." + std::to_string(64 + i / 250) + "." + std::to_string(i % 250));
    ASSERT_TRUE(exchange::add_neighbor(exchange_, own, net::Asn{64600}));
    server_.reconfigure(exchange_);
    ASSERT_TRUE(server_.find_peer(own)) << i;
    ASSERT_EQ(server_.peers().size(), peers + 1) << i;
    exchange::remove_neighbor(exchange_, own);
    server_.reconfigure(exchange_);
    ASSERT_FALSE(server_.find_peer(own)) << i;
  }
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "b1");
}

TEST_F(RouteServerTest, Rfc8212_3_WhoHasNoPolicyIsToldNothingOfOthers) {
  exchange::Exchange without = exchange_;
  without.participants[0].import = preset(exchange::PolicyPreset::kNone);
  server_.reconfigure(without);
  announce("172.0.0.11", "140.0.0.0/24", {200});
  server_.publish(server_.take_changed());
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "");
  EXPECT_EQ(routes("C", "140.0.0.0/24"), "b1");
  const auto route = server_.all_routes(prefix("140.0.0.0/24")).front();
  EXPECT_EQ(server_.why_not(participant("A"), route), Exclusion::kNoPolicy);
  server_.reconfigure(exchange_);
}

TEST_F(RouteServerTest, EachClientGetsItsOwnBestOfWhatItMayUse) {
  announce("172.0.0.11", "140.0.0.0/24", {200});
  announce("172.0.0.21", "140.0.0.0/24", {300, 1});
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "b1 c1");
  EXPECT_EQ(routes("B", "140.0.0.0/24"), "c1") << "never its own route";
  EXPECT_EQ(routes("C", "140.0.0.0/24"), "b1");
  EXPECT_EQ(routes("D", "140.0.0.0/24"), "") << "D peers with A alone";
  EXPECT_EQ(server_.take_changed(), std::vector{server_.placed(prefix("140.0.0.0/24"))});
  EXPECT_TRUE(server_.take_changed().empty());
}

TEST_F(RouteServerTest, ALongerPathMovesTheBest) {
  announce("172.0.0.11", "140.0.0.0/24", {200});
  announce("172.0.0.21", "140.0.0.0/24", {300, 1});
  announce("172.0.0.11", "140.0.0.0/24", {200, 7, 8});
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "c1 b1");
}

TEST_F(RouteServerTest, OneUpdateMayWithdrawAndAnnounce) {
  announce("172.0.0.11", "140.0.0.0/24", {200});
  auto both = announcement("150.0.0.0/24", "172.0.0.11", {.as_path = path({200})});
  both.withdrawn = {prefix("140.0.0.0/24")};
  server_.update(peer("172.0.0.11"), both);
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "");
  EXPECT_EQ(routes("A", "150.0.0.0/24"), "b1");
}

TEST_F(RouteServerTest, ASessionLossTakesOnlyItsOwnRoutes) {
  announce("172.0.0.11", "140.0.0.0/24", {200});
  announce("172.0.0.21", "140.0.0.0/24", {300});
  announce("172.0.0.21", "150.0.0.0/24", {300});
  server_.session_down(peer("172.0.0.11"));
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "c1");
  EXPECT_EQ(routes("A", "150.0.0.0/24"), "c1");
}

TEST_F(RouteServerTest, ACommunityHidesARouteFromOneClientAndNoOtherRouteWithIt) {
  announce("172.0.0.11", "140.0.0.0/24", {200}, {bgp::community(0, 100)});
  announce("172.0.0.21", "140.0.0.0/24", {300, 1, 2});
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "c1");
  EXPECT_EQ(routes("C", "140.0.0.0/24"), "b1");
}

TEST_F(RouteServerTest, AClientsOwnAsInThePathMakesARouteUnusableForIt) {
  announce("172.0.0.11", "140.0.0.0/24", {200, 100});
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "");
  EXPECT_EQ(routes("C", "140.0.0.0/24"), "b1");
}

TEST_F(RouteServerTest, RejectedRoutesAreKeptAndUsedByNobody) {
  server_.update(peer("172.0.0.11"),
                 announcement("140.0.0.0/24", "172.0.0.1", {.as_path = path({200})}));
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "");
  const auto all = server_.all_routes(prefix("140.0.0.0/24"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().rejected, RejectReason::kNextHop);
}

TEST_F(RouteServerTest, TheRoutesOfAnUnusableParticipantAreAsIfWithdrawn) {
  announce("172.0.0.11", "140.0.0.0/24", {200});
  server_.take_changed();
  server_.set_usable(participant("B"), Usability::kUnusable);
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "");
  EXPECT_EQ(server_.take_changed().size(), 1U);
  server_.set_usable(participant("B"), Usability::kUsable);
  EXPECT_EQ(routes("A", "140.0.0.0/24"), "b1");
}

TEST_F(RouteServerTest, ResolvesTheLongestPrefixThatTheClientHasARouteFor) {
  announce("172.0.0.11", "140.0.0.0/16", {200});
  announce("172.0.0.21", "140.0.0.0/24", {300}, {bgp::community(0, 100)});
  EXPECT_EQ(server_.resolve(participant("A"), address("140.0.0.1")), prefix("140.0.0.0/16"));
  EXPECT_EQ(server_.resolve(participant("B"), address("140.0.0.1")), prefix("140.0.0.0/24"));
  EXPECT_EQ(server_.resolve(participant("A"), address("9.9.9.9")), std::nullopt);
}

TEST_F(RouteServerTest, MembersHearOfAChangeOnlyWhenItIsPublished) {
  while (!server_.pull(peer("172.0.0.1")).empty()) {
  }
  announce("172.0.0.11", "140.0.0.0/24", {200});
  EXPECT_TRUE(server_.pull(peer("172.0.0.1")).empty());
  const auto changed = server_.take_changed();
  EXPECT_TRUE(server_.pull(peer("172.0.0.1")).empty());
  server_.publish(changed);
  EXPECT_TRUE(server_.has_output(peer("172.0.0.1")));
  EXPECT_FALSE(server_.pull(peer("172.0.0.1")).empty());
  const auto told = server_.told(peer("172.0.0.1"), prefix("140.0.0.0/24"));
  ASSERT_TRUE(told);
  EXPECT_EQ(told->next_hop, address("172.0.0.11")) << "transparent next hop";
  EXPECT_EQ(told->attributes.as_path, path({200})) << "transparent path";
}

TEST_F(RouteServerTest, AVirtualNextHopReplacesTheRealOne) {
  server_.set_next_hops([&](net::ParticipantId client, const net::Prefix&) {
    return client == participant("A") ? std::optional(address("172.0.1.7")) : std::nullopt;
  });
  server_.set_virtual(participant("A"), true);
  announce("172.0.0.11", "140.0.0.0/24", {200});
  server_.publish(server_.take_changed());
  for (const Peer& one : server_.peers()) {
    while (!server_.pull(one.id).empty()) {
    }
  }
  EXPECT_EQ(server_.told(peer("172.0.0.1"), prefix("140.0.0.0/24"))->next_hop,
            address("172.0.1.7"));
  EXPECT_EQ(server_.told(peer("172.0.0.21"), prefix("140.0.0.0/24"))->next_hop,
            address("172.0.0.11"));
}

// A history and the direct way to its end give every client the same.
TEST_F(RouteServerTest, OnlyTheFinalStateShows) {
  constexpr unsigned kSeed = 20260105;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const std::vector<std::string> from{"172.0.0.1", "172.0.0.11", "172.0.0.21", "172.0.0.22",
                                      "172.0.0.31"};
  const std::vector<std::uint32_t> asn{100, 200, 300, 300, 400};
  std::map<std::pair<std::size_t, std::string>, std::vector<std::uint32_t>> standing;
  for (int i = 0; i < 3000; ++i) {
    const std::size_t who = random() % from.size();
    const std::string what = "10.0." + std::to_string(random() % 8) + ".0/24";
    if (random() % 3 == 0) {
      server_.update(peer(from[who]), withdrawal(what));
      standing.erase({who, what});
    } else {
      std::vector<std::uint32_t> asns(1 + random() % 3, asn[who]);
      announce(from[who], what, asns);
      standing[{who, what}] = asns;
    }
    server_.publish(server_.take_changed());
    if (random() % 4 == 0) server_.pull(peer(from[random() % from.size()]));
  }
  RouteServer fresh(exchange_);
  for (const Peer& one : fresh.peers()) {
    fresh.session_up(one.id, {.bgp_identifier = one.id.value + 1U,
                              .families = {.ipv4 = true, .ipv6 = true},
                              .asn_width = bgp::AsnWidth::kFourOctets});
  }
  for (const auto& [key, asns] : standing) {
    fresh.update(peer(from[key.first]),
                 announcement(key.second, from[key.first], {.as_path = path(asns)}));
  }
  fresh.publish(fresh.take_changed());
  for (const Peer& one : server_.peers()) {
    while (!server_.pull(one.id).empty()) {
    }
    while (!fresh.pull(one.id).empty()) {
    }
    for (int i = 0; i < 8; ++i) {
      const auto what = prefix("10.0." + std::to_string(i) + ".0/24");
      EXPECT_EQ(server_.told(one.id, what), fresh.told(one.id, what));
    }
  }
}

}  // namespace
}  // namespace fabrix::routeserver
