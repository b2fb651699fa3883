// What sessions can be told, and what changes of that when they come back.
#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/fake_peer.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

// B's route is the better one, and cannot be told to everyone.
class UnsayableTest : public testing::Test {
 protected:
  UnsayableTest() {
    for (const Peer& peer : server_.peers()) server_.session_up(peer.id, plain(peer.id));
  }

  static SessionInfo plain(PeerId peer) {
    return {.bgp_identifier = peer.value + 1U, .families = {.ipv4 = true, .ipv6 = true}};
  }
  PeerId peer(std::string_view at) { return *server_.find_peer(address(at)); }
  void announce(std::string_view from, const bgp::PathAttributes& attributes) {
    server_.update(peer(from), announcement("10.0.0.0/24", from, attributes));
  }
  void announce_better_and_too_large() {
    announce("172.0.0.11",
             {.as_path = path({200}), .communities = std::vector(1100, bgp::community(7, 7))});
  }
  void announce_worse() { announce("172.0.0.21", {.as_path = path({300, 9})}); }
  void publish() { server_.publish(server_.take_changed()); }
  // The path that A was told, on the way and to those who ask.
  std::string told() {
    publish();
    fake_.take(server_.pull(a_));
    EXPECT_TRUE(fake_.faults().empty());
    const auto heard = fake_.routes(p_);
    const auto shown = server_.told(a_, p_);
    EXPECT_EQ(shown.has_value(), !heard.empty());
    EXPECT_EQ(server_.told_count(a_, net::Family::kIpv4), heard.size());
    if (heard.empty() || !shown) return "";
    EXPECT_EQ(normal(shown->attributes), heard.front().attributes);
    return heard.front().attributes.as_path.to_string();
  }
  void bring_back(const SessionInfo& info) {
    server_.session_up(a_, info);
    fake_ = FakePeer(info);
  }

  const net::Prefix p_ = prefix("10.0.0.0/24");
  exchange::Exchange exchange_ = small_exchange();
  RouteServer server_{exchange_};
  PeerId a_ = peer("172.0.0.1");
  FakePeer fake_{plain(a_)};
};

TEST_F(UnsayableTest, Rfc8654_4_WhatIsTooLargeForASessionGivesWayToTheNextRoute) {
  announce_worse();
  announce_better_and_too_large();
  EXPECT_EQ(told(), "300 9") << "RFC 7947 §2.3.2: no route hides another";
  const auto a = server_.peer(a_).participant;
  EXPECT_EQ(server_.why_not(a, server_.all_routes(p_).front()), Exclusion::kUnsayable);
  EXPECT_EQ(server_.candidates(a, p_).size(), 1U);
}

TEST_F(UnsayableTest, Rfc8654_4_WhatIsTooLargeForASessionIsWithdrawnIfThereIsNoOther) {
  announce("172.0.0.11", {.as_path = path({200})});
  EXPECT_EQ(told(), "200");
  announce_better_and_too_large();
  EXPECT_EQ(told(), "") << "RFC 4271 §9.1.3: not the route of before";
}

TEST_F(UnsayableTest, ASessionThatNegotiatesMoreHearsMoreAndOneThatNegotiatesLessLess) {
  announce_worse();
  announce_better_and_too_large();
  EXPECT_EQ(told(), "300 9");
  SessionInfo info = plain(a_);
  info.max_message = 65535;
  bring_back(info);
  EXPECT_EQ(told(), "200");
  server_.session_lost(a_, {.ipv4 = true, .ipv6 = true});
  EXPECT_FALSE(server_.has_changed()) << "it is taken to come back as it was";
  bring_back(plain(a_));
  EXPECT_EQ(told(), "300 9");
}

TEST_F(UnsayableTest, NobodyElseIsToldAnythingWhenASessionNegotiatesMore) {
  const PeerId d = peer("172.0.0.22");
  const PeerId c = peer("172.0.0.21");
  SessionInfo large = plain(c);
  large.max_message = 65535;
  server_.session_up(c, large);
  server_.session_up(d, large);
  announce_better_and_too_large();
  publish();
  EXPECT_FALSE(server_.pull(c).empty());
  bring_back(large);
  EXPECT_EQ(told(), "200");
  EXPECT_TRUE(server_.pull(c).empty());
}

TEST_F(UnsayableTest, Rfc8950_4_ANextHopThatASessionDoesNotUnderstandGivesWayToo) {
  const auto from = peer("2001:db8:ff::1");
  SessionInfo info = plain(from);
  info.extended_next_hop = true;
  server_.session_up(from, info);
  server_.update(from, announcement("10.0.0.0/24", "2001:db8:ff::1", {.as_path = path({100})}));
  announce_worse();
  publish();
  const PeerId b = peer("172.0.0.11");
  EXPECT_EQ(server_.told(b, p_)->attributes.as_path, path({300, 9}));
  info.bgp_identifier = b.value + 1U;
  server_.session_up(b, info);
  publish();
  EXPECT_EQ(server_.told(b, p_)->attributes.as_path, path({100}));
}

}  // namespace
}  // namespace fabrix::routeserver
