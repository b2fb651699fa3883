// Route keys against what the route server says of each prefix.
#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class RouteKeysTest : public testing::Test {
 protected:
  RouteKeysTest() {
    for (const Peer& peer : server_.peers()) {
      server_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                   .families = {.ipv4 = true, .ipv6 = true}});
    }
  }

  unsigned random(unsigned below) { return static_cast<unsigned>(engine_()) % below; }

  // MEDs of one neighbouring AS (300 has two routers), communities, members' ASes in paths.
  bgp::PathAttributes attributes(const Peer& from) {
    bgp::PathAttributes made{.as_path = path({from.asn.value})};
    if (random(3) == 0) made.as_path = path({from.asn.value, 7, 100 + 100 * random(4)});
    if (random(2) == 0) made.med = random(3);
    if (random(4) == 0) {
      made.communities = {bgp::community(0, static_cast<std::uint16_t>(100 + 100 * random(4)))};
    }
    return made;
  }

  void change(unsigned prefixes) {
    const Peer& from = server_.peers()[random(static_cast<unsigned>(server_.peers().size()))];
    const bool is_v6 = from.address.family() == net::Family::kIpv6;
    const std::string number = std::to_string(random(prefixes));
    const std::string what = is_v6 ? "2001:db8:" + number + "::/48" : "10." + number + ".0.0/16";
    if (random(4) == 0) {
      server_.update(from.id, withdrawal(what));
    } else {
      server_.update(from.id, announcement(what, from.address.to_string(), attributes(from)));
    }
  }

  // Every prefix, for every client; and what equal keys mean.
  void check() {
    std::map<exchange::RouteKey, std::vector<exchange::Routes>> meanings;
    std::size_t with_routes = 0;
    exchange::RouteKey key;
    exchange::Routes routes;
    exchange::Routes routers;
    for (const net::Prefix& each : server_.prefixes()) {
      server_.route_key(server_.placed(each), key);
      if (!key.empty()) ++with_routes;
      std::vector<exchange::Routes> meaning;
      server_.routers_of(key, routers);
      for (const exchange::Participant& client : exchange_.participants) {
        server_.routes_of(client.id, key, routes);
        ASSERT_EQ(routes, server_.routes(client.id, each)) << each.to_string() << client.name;
        for (const net::RouterId router : routes) {
          ASSERT_EQ(std::ranges::count(routers, router), 1);
        }
        meaning.push_back(routes);
      }
      ASSERT_EQ(meanings.emplace(key, meaning).first->second, meaning);
      check_alike(key, routers, meaning);
    }
    std::size_t visited = 0;
    server_.for_each_route_key(
        [&](const exchange::PlacedPrefix& prefix, const exchange::RouteKey& visiting) {
          ++visited;
          server_.route_key(prefix, key);
          EXPECT_EQ(visiting, key);
        });
    EXPECT_EQ(visited, with_routes);
  }

  // That who has not all routes in their order is among the others.
  void check_alike(const exchange::RouteKey& key, const exchange::Routes& routers,
                   const std::vector<exchange::Routes>& meaning) {
    std::vector<net::ParticipantId> others;
    if (!server_.alike_but_for(key, others)) return;
    ++alike_;
    ASSERT_TRUE(std::ranges::is_sorted(others));
    for (const exchange::Participant& client : exchange_.participants) {
      const bool has_all = meaning[client.id.index()] == routers;
      ASSERT_EQ(!has_all, std::ranges::binary_search(others, client.id)) << client.name;
    }
  }

  int alike_ = 0;
  std::mt19937 engine_{5};
  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
};

TEST_F(RouteKeysTest, SayWhatTheRoutesAreForEveryClient) {
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 25; ++i) change(12);
    if (random(5) == 0) {
      const auto usability = random(2) == 0 ? Usability::kUsable : Usability::kUnusable;
      server_.set_usable(exchange_.participants[random(4)].id, usability);
    }
    check();
    if (round % 3 == 0) server_.publish(server_.take_changed());
  }
  EXPECT_GT(alike_, 0);
}

TEST_F(RouteKeysTest, APrefixThatNobodyAnnouncesHasAnEmptyKey) {
  exchange::RouteKey key{1, 2};
  server_.route_key(server_.placed(prefix("10.0.0.0/8")), key);
  EXPECT_TRUE(key.empty());
}

TEST_F(RouteKeysTest, TellARouteWithAnotherNextHopThanItsRoutersOwn) {
  exchange::Exchange exchange = small_exchange();
  exchange.participants[1].import.next_hop = exchange::NextHopRule::kAnyOnLan;
  RouteServer server(exchange);
  const PeerId b = *server.find_peer(address("172.0.0.11"));
  server.session_up(b, {.bgp_identifier = 1, .families = {.ipv4 = true, .ipv6 = true}});
  exchange::RouteKey own;
  exchange::RouteKey other;
  exchange::RouteKey another;
  server.update(b, announcement("10.0.0.0/8", "172.0.0.11", {.as_path = path({200})}));
  server.update(b, announcement("11.0.0.0/8", "172.0.0.21", {.as_path = path({200})}));
  server.update(b, announcement("12.0.0.0/8", "172.0.0.22", {.as_path = path({200})}));
  server.route_key(server.placed(prefix("10.0.0.0/8")), own);
  server.route_key(server.placed(prefix("11.0.0.0/8")), other);
  server.route_key(server.placed(prefix("12.0.0.0/8")), another);
  EXPECT_FALSE(server.has_other_next_hop(own));
  EXPECT_TRUE(server.has_other_next_hop(other));
  EXPECT_NE(own, other);
  EXPECT_NE(other, another);
}

// Another class may be in the same place by then, but never with the same stamp.
TEST_F(RouteKeysTest, AKeyWhoseRoutesAreGoneNeverComesToMeanOthers) {
  exchange::RouteKey key;
  exchange::Routes routes;
  const Peer& from = server_.peers().front();
  std::map<exchange::RouteKey, unsigned> known;
  for (unsigned i = 0; i < 3000; ++i) {
    // A class of its own for each: this member's route, with others' ASes in its path.
    std::vector<std::uint32_t> asns{from.asn.value};
    for (unsigned bit = 0; bit < 3; ++bit) {
      if ((i >> bit & 1U) != 0) asns.push_back(200 + 100 * bit);
    }
    server_.update(from.id, announcement("10.0.0.0/8", from.address.to_string(),
                                         {.as_path = path(asns), .med = i}));
    server_.publish(server_.take_changed());
    server_.route_key(server_.placed(prefix("10.0.0.0/8")), key);
    const unsigned hidden_from = i % 8;
    ASSERT_EQ(known.emplace(key, hidden_from).first->second, hidden_from);
  }
}

}  // namespace
}  // namespace fabrix::routeserver
