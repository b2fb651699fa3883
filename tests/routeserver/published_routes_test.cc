// What a copy of the table is made of: RouteServer::published_at(), place by place, equals what the
// route server says of each client by itself.
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

class PublishedRoutesTest : public ::testing::Test {
 protected:
  PublishedRoutesTest() {
    for (const Peer& peer : server_.peers()) {
      server_.session_up(peer.id, {.bgp_identifier = peer.id.value + 1U,
                                   .families = {.ipv4 = true, .ipv6 = true}});
    }
    server_.set_published([this](std::span<const exchange::Place> places) {
      told_.insert(told_.end(), places.begin(), places.end());
    });
  }
  void announce(std::string_view from, std::string_view what, bgp::PathAttributes attributes) {
    server_.update(*server_.find_peer(address(from)),
                   announcement(what, from, std::move(attributes)));
  }
  std::optional<PublishedRoutes> at(std::string_view what) {
    return server_.published_at(server_.place_of(prefix(what)));
  }
  // The path that the participant gets of the prefix, "200 7", by published_at(); or "none".
  std::string told(const exchange::Participant& client, std::string_view what) {
    const auto routes = at(what);
    if (!routes) return "none";
    for (const auto& offer : routes->offers) {
      if (!offer.clients.contains(server_.voice_of(client.id))) continue;
      return server_.exported(*offer.path, offer.treatment).as_path.to_string();
    }
    return "none";
  }

  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
  std::vector<exchange::Place> told_;
};

TEST_F(PublishedRoutesTest, AreThoseThatClientsKnow) {
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({200})});
  EXPECT_FALSE(at("10.0.0.0/24"));
  EXPECT_TRUE(told_.empty());
  server_.publish_changed(10);
  ASSERT_TRUE(at("10.0.0.0/24"));
  EXPECT_EQ(told_, (std::vector{server_.place_of(prefix("10.0.0.0/24"))}));
  EXPECT_EQ(at("10.0.0.0/24")->prefix, prefix("10.0.0.0/24"));
  server_.update(*server_.find_peer(address("172.0.0.11")), withdrawal("10.0.0.0/24"));
  EXPECT_TRUE(at("10.0.0.0/24"));
  server_.publish(server_.take_changed());
  EXPECT_FALSE(at("10.0.0.0/24"));
  EXPECT_EQ(told_.size(), 2U);
  EXPECT_FALSE(server_.published_at(exchange::Place{server_.place_end()}));
}

TEST_F(PublishedRoutesTest, SayWhoAnnouncesAndHow) {
  announce("172.0.0.21", "10.0.0.0/24",
           {.as_path = path({300}), .communities = {bgp::community(65511, 100)}});
  announce("172.0.0.22", "10.0.0.0/24", {.as_path = path({300, 7})});
  announce("172.0.0.11", "10.0.0.0/24", {.as_path = path({9})});  // rejected
  server_.publish_changed(10);
  const auto routes = at("10.0.0.0/24");
  EXPECT_EQ(routes->announcers, std::vector{exchange_.find_participant("C")->id});
  EXPECT_EQ(routes->best->attributes->as_path, path({300}));
  EXPECT_EQ(told(*exchange_.find_participant("A"), "10.0.0.0/24"), "300 300");
  EXPECT_EQ(told(*exchange_.find_participant("B"), "10.0.0.0/24"), "300");
  EXPECT_EQ(told(*exchange_.find_participant("C"), "10.0.0.0/24"), "none");
  EXPECT_EQ(told(*exchange_.find_participant("D"), "10.0.0.0/24"), "none");
}

// Also where MEDs make the order depend on who asks (RFC 4271 §9.1.2.2).
TEST_F(PublishedRoutesTest, AreWhatEachClientGetsByItself) {
  std::mt19937 random(3);  // NOLINT(cert-msc51-cpp): the same every time
  const std::map<std::string, std::uint32_t> routers{{"172.0.0.1", 100},
                                                     {"172.0.0.11", 200},
                                                     {"172.0.0.21", 300},
                                                     {"172.0.0.22", 300},
                                                     {"172.0.0.31", 400}};
  for (int step = 0; step < 400; ++step) {
    const std::string what = "10.0." + std::to_string(random() % 8) + ".0/24";
    auto from = routers.begin();
    std::advance(from, static_cast<std::ptrdiff_t>(random() % routers.size()));
    if (random() % 4 == 0) {
      server_.update(*server_.find_peer(address(from->first)), withdrawal(what));
    } else {
      std::vector<std::uint32_t> asns{from->second};
      if (random() % 2 == 0) asns.push_back(7);
      announce(from->first, what,
               {.as_path = path(asns), .med = static_cast<std::uint32_t>(random() % 3)});
    }
    server_.publish_changed(10);
    for (const exchange::Participant& client : exchange_.participants) {
      const auto own = server_.candidates(client.id, prefix(what));
      const std::string expected =
          own.empty() ? "none" : own.front().attributes().as_path.to_string();
      ASSERT_EQ(told(client, what), expected) << what << " for " << client.name;
    }
  }
}

}  // namespace
}  // namespace fabrix::routeserver
