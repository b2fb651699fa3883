// FlowSpec through a Controller with scripted sessions: rules go in as UPDATEs, and what sessions
// are to be sent is decoded again.
#include "controller/flowspec_relay.h"

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "bgp/attribute_encoder.h"
#include "bgp/flowspec_update.h"
#include "bgp/message_splitter.h"
#include "bgp/route_refresh_message.h"
#include "bgp/update_message.h"
#include "controller/controller.h"
#include "tests/controller/bgp_world.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

using routeserver::PeerId;

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};

bgp::FlowSpecRule make_rule(std::string_view destination) {
  constexpr std::uint64_t kUdp = 17;
  const net::Prefix prefix = World::prefix(destination);
  using Component = bgp::FlowSpecComponent;
  return bgp::FlowSpecRule::create(prefix.family(),
                                   {Component{.type = bgp::FlowSpecType::kDestination,
                                              .value = bgp::FlowSpecPrefix{.prefix = prefix}},
                                    Component{.type = bgp::FlowSpecType::kProtocol,
                                              .value = Component::Numbers{{.value = kUdp}}}})
      .value();
}

class FlowSpecRelayTest : public ::testing::Test {
 protected:
  FlowSpecRelayTest() {
    exchange_.route_server.flowspec = exchange::FlowSpecScope::kEveryone;
    exchange_.route_server.flowspec_rules = 2;
    controller_.emplace(exchange_, fabric_);
    controller_->on_output = [this](PeerId peer) { ++told_[peer]; };
    for (const auto name : {kA, kB, kC}) bring_up(name, kBoth);
    bring_up(kD, {});
    settle();
    for (const auto name : {kA, kB, kC, kD}) heard(name);
    announce(kA, "10.0.0.0/8");
  }

  static routeserver::SessionInfo info() {
    return {.bgp_identifier = 1, .families = kBoth, .enhanced_refresh = true};
  }
  void bring_up(std::string_view address, bgp::FamilySet families) {
    controller_->session_up(peer(address), info(), families);
  }
  PeerId peer(std::string_view address) const {
    return *controller_->route_server().find_peer(World::address(address));
  }
  bgp::PathAttributes path_of(std::string_view address) const {
    const auto& from = controller_->route_server().peer(peer(address));
    return World::path({from.asn.value});
  }
  void settle() {
    for (int i = 0; i < 10 && controller_->needs_settling(); ++i) controller_->settle({});
  }

  void announce(std::string_view from, std::string_view prefix) {
    bgp::UpdateMessage update;
    update.announced = {{.family = net::Family::kIpv4,
                         .next_hop = World::address(from),
                         .prefixes = {World::prefix(prefix)}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(path_of(from));
    controller_->update(peer(from), update);
    settle();
  }
  void withdraw(std::string_view from, std::string_view prefix) {
    bgp::UpdateMessage update;
    update.withdrawn = {World::prefix(prefix)};
    controller_->update(peer(from), update);
    settle();
  }

  void announce_rule(std::string_view from, const bgp::FlowSpecRule& rule) {
    bgp::UpdateMessage update;
    update.flowspec = {{.family = rule.family(), .announced = {rule}}};
    update.attributes = std::make_shared<const bgp::PathAttributes>(path_of(from));
    controller_->update(peer(from), update);
    settle();
  }
  void withdraw_rule(std::string_view from, const bgp::FlowSpecRule& rule) {
    bgp::UpdateMessage update;
    update.flowspec = {{.family = rule.family(), .withdrawn = {rule}}};
    controller_->update(peer(from), update);
    settle();
  }

  // What the session is sent about rules now: "+rule", "-rule", "end of ipv4", "begin", "done".
  std::string heard(std::string_view address) {
    const std::vector<std::byte> all = controller_->pull(peer(address));
    bgp::MessageSplitter splitter;
    std::string text;
    std::span<const std::byte> rest = all;
    while (auto message = splitter.next(rest).value()) {
      if (message->type == bgp::MessageType::kUpdate) {
        const auto update =
            bgp::decode_update(message->body, {.families = kBoth, .flowspec = kBoth});
        for (const auto& routes : update.value().flowspec) text += describe(routes);
      } else if (message->type == bgp::MessageType::kRouteRefresh) {
        text += describe(bgp::decode_route_refresh(message->body).value());
      }
    }
    return text;
  }

  static std::string describe(const bgp::FlowSpecRoutes& routes) {
    std::string text;
    for (const auto& gone : routes.withdrawn) text += "-" + gone.to_string() + "\n";
    for (const auto& made : routes.announced) text += "+" + made.to_string() + "\n";
    if (routes.end_of_rib) text += "end\n";
    return text;
  }
  static std::string describe(const bgp::RouteRefreshMessage& refresh) {
    if (refresh.family.safi != bgp::Safi::kFlowSpec) return "";
    return refresh.subtype == bgp::RouteRefreshMessage::Subtype::kBegin ? "begin\n" : "done\n";
  }

  // "accepted", or why not, of the only rule.
  std::string verdict() const {
    std::string text;
    controller_->flowspec().for_each([&](const auto&, auto entries) {
      for (const auto& entry : entries) text += to_string(entry.verdict);
    });
    return text;
  }

  static constexpr std::string_view kA = "172.0.0.1";
  static constexpr std::string_view kB = "172.0.0.11";
  static constexpr std::string_view kC = "172.0.0.21";
  static constexpr std::string_view kD = "172.0.0.31";

  exchange::Exchange exchange_ = four_members();
  fabric::SimulatedFabric fabric_;
  std::optional<Controller> controller_;
  std::map<PeerId, int> told_;
};

TEST_F(FlowSpecRelayTest, Rfc4724_2_WhatASessionIsToldFirstEndsWithAnEndOfRib) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  controller_->session_up(peer(kB), info(), {.ipv4 = true, .ipv6 = false});
  EXPECT_EQ(heard(kB), "+dst 10.1.0.0/16, proto =17\nend\n");
  controller_->session_up(peer(kC), info(), kBoth);
  EXPECT_EQ(heard(kC), "+dst 10.1.0.0/16, proto =17\nend\nend\n") << "of both families";
}

TEST_F(FlowSpecRelayTest, Rfc8955_6_AValidRuleIsToldToOtherSessionsThatExchangeRules) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_EQ(verdict(), "accepted");
  EXPECT_GT(told_[peer(kB)], 0) << "the session is told of it at once";
  EXPECT_EQ(heard(kB), "+dst 10.1.0.0/16, proto =17\n");
  EXPECT_EQ(heard(kC), "+dst 10.1.0.0/16, proto =17\n");
  EXPECT_EQ(heard(kA), "");
  EXPECT_EQ(heard(kD), "");
  withdraw_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_EQ(heard(kB), "-dst 10.1.0.0/16, proto =17\n");
}

TEST_F(FlowSpecRelayTest, Rfc8955_6_RulesFollowTheUnicastRoutesOfTheirMember) {
  announce_rule(kB, make_rule("10.1.0.0/16"));
  EXPECT_EQ(verdict(), "the best unicast route for the destination is another member's");
  EXPECT_EQ(heard(kC), "");
  announce(kB, "10.1.0.0/16");
  EXPECT_EQ(verdict(), "accepted");
  EXPECT_EQ(heard(kC), "+dst 10.1.0.0/16, proto =17\n");
  withdraw(kB, "10.1.0.0/16");
  EXPECT_EQ(heard(kC), "-dst 10.1.0.0/16, proto =17\n");
  withdraw(kA, "10.0.0.0/8");
  EXPECT_EQ(verdict(), "no unicast route covers the destination");
}

TEST_F(FlowSpecRelayTest, Rfc8955_6_c_AnothersMoreSpecificInvalidatesARule) {
  announce(kA, "10.1.2.0/24");
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_EQ(verdict(), "accepted") << "its own more specifics are its business";
  announce(kD, "10.1.3.0/24");
  EXPECT_EQ(verdict(), "another member announces a more specific of the destination");
  EXPECT_EQ(heard(kB), "");
  controller_->session_down(peer(kD));
  settle();
  EXPECT_EQ(verdict(), "accepted");
  EXPECT_EQ(heard(kB), "+dst 10.1.0.0/16, proto =17\n");
}

TEST_F(FlowSpecRelayTest, RejectedRoutesCountForNothing) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  bgp::UpdateMessage update;
  update.announced = {{.family = net::Family::kIpv4,
                       .next_hop = World::address(kB),
                       .prefixes = {World::prefix("10.1.3.0/24")}}};
  update.attributes = std::make_shared<const bgp::PathAttributes>(World::path({7}));
  controller_->update(peer(kB), update);
  settle();
  EXPECT_EQ(verdict(), "accepted") << "the first AS of B's route is not B's";
}

TEST_F(FlowSpecRelayTest, RulesGoWithTheirSession) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_NE(heard(kB), "");
  controller_->session_lost(peer(kA), kBoth);
  settle();
  EXPECT_EQ(heard(kB), "-dst 10.1.0.0/16, proto =17\n") << "though its routes stay for a while";
  EXPECT_TRUE(controller_->flowspec().empty());
}

TEST_F(FlowSpecRelayTest, Rfc7313_4_ARefreshIsBracketedAndTellsEverythingAgain) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_NE(heard(kB), "");
  controller_->refresh_flowspec(peer(kB), net::Family::kIpv4);
  EXPECT_TRUE(controller_->has_output(peer(kB)));
  EXPECT_EQ(heard(kB), "begin\n+dst 10.1.0.0/16, proto =17\ndone\n");
  controller_->refresh_flowspec(peer(kD), net::Family::kIpv4);
  EXPECT_EQ(heard(kD), "") << "it exchanges no rules";
}

TEST_F(FlowSpecRelayTest, RulesBeyondTheLimitAreAskedForWhenThereIsRoom) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  announce_rule(kA, make_rule("10.2.0.0/16"));
  announce_rule(kA, make_rule("10.3.0.0/16"));
  const auto client = exchange_.find_participant("A")->id;
  EXPECT_EQ(controller_->flowspec().rule_count(client), 2U);
  EXPECT_EQ(controller_->flowspec().refused_count(client), 1U);
  EXPECT_EQ(controller_->take_wanted_flowspec(peer(kA)), bgp::FamilySet{});
  withdraw_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_EQ(controller_->take_wanted_flowspec(peer(kA)), kBoth);
  EXPECT_EQ(controller_->take_wanted_flowspec(peer(kA)), bgp::FamilySet{}) << "once";
}

TEST_F(FlowSpecRelayTest, NobodyHearsOfRulesUnlessTheExchangeWantsIt) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_NE(heard(kB), "");
  exchange_.route_server.flowspec = exchange::FlowSpecScope::kNobody;
  controller_->reconfigure(exchange_);
  settle();
  EXPECT_EQ(heard(kB), "-dst 10.1.0.0/16, proto =17\n");
  EXPECT_EQ(verdict(), "accepted") << "it is kept for people to see";
}

TEST_F(FlowSpecRelayTest, WhoDoesNotPeerDoesNotHear) {
  auto& a = exchange_.participants[exchange_.find_participant("A")->id.index()];
  a.peers = {exchange_.find_participant("C")->id};
  controller_->reconfigure(exchange_);
  settle();
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_EQ(heard(kB), "");
  EXPECT_EQ(heard(kC), "+dst 10.1.0.0/16, proto =17\n");
}

TEST_F(FlowSpecRelayTest, WithoutRulesUpdatesAreNoBusinessOfIt) {
  bgp::UpdateMessage update;
  update.withdrawn = {World::prefix("99.0.0.0/24")};
  FlowSpecRelay relay(controller_->exchange(), controller_->route_server());
  EXPECT_FALSE(relay.concerns(update));
  relay.session_up(peer(kA), info(), kBoth);
  bgp::UpdateMessage rules;
  rules.flowspec = {{.family = net::Family::kIpv4, .announced = {make_rule("10.1.0.0/16")}}};
  rules.attributes = std::make_shared<const bgp::PathAttributes>(path_of(kA));
  relay.update(peer(kA), rules);
  EXPECT_TRUE(relay.concerns(update));
  relay.session_down(peer(kA));
  EXPECT_TRUE(relay.concerns(update)) << "the index is kept for the next rule";
  for (std::uint32_t i = 0; i < FlowSpecRelay::kIdleUpdates; ++i) relay.update(peer(kA), update);
  EXPECT_FALSE(relay.concerns(update));
}

TEST_F(FlowSpecRelayTest, ARuleThatNoMessageHoldsIsTakenBack) {
  announce_rule(kA, make_rule("10.1.0.0/16"));
  EXPECT_NE(heard(kB), "");
  bgp::UpdateMessage update;
  update.flowspec = {{.family = net::Family::kIpv4, .announced = {make_rule("10.1.0.0/16")}}};
  bgp::PathAttributes large = path_of(kA);
  large.communities.assign(1100, bgp::Community{7});
  update.attributes = std::make_shared<const bgp::PathAttributes>(large);
  controller_->update(peer(kA), update);
  settle();
  EXPECT_EQ(heard(kB), "-dst 10.1.0.0/16, proto =17\n");
}

// The same over TCP.
class FlowSpecOnTheWireTest : public BgpWorld {
 protected:
  static void exchange_rules(bgp::SessionConfig& config) { config.flowspec = kBoth; }

  static void say(Speaker& speaker, const std::vector<bgp::FlowSpecRule>& announced,
                  const std::vector<bgp::FlowSpecRule>& withdrawn) {
    ByteWriter attributes;
    bgp::encode_attributes(World::path({100}), {}, attributes);
    ByteWriter out;
    bgp::encode_flowspec_withdrawal(net::Family::kIpv4, withdrawn, bgp::kMaxMessageSize, out);
    ASSERT_TRUE(bgp::encode_flowspec_announcement(net::Family::kIpv4, announced,
                                                  {attributes.view()}, bgp::kMaxMessageSize, out));
    speaker.write(out.view());
  }
};

TEST_F(FlowSpecOnTheWireTest, Rfc2918_AMemberIsAskedForRulesThatThereIsRoomForAgain) {
  exchange_.route_server.flowspec_rules = 1;
  session_of("A").flowspec = true;
  start();
  Speaker& a = establish("172.0.0.1", exchange_rules);
  const auto first = make_rule("10.1.0.0/16");
  say(a, {first, make_rule("10.2.0.0/16")}, {});
  const auto client = exchange_.find_participant("A")->id;
  ASSERT_TRUE(wait([&] { return controller_.flowspec().refused_count(client) == 1; }));
  EXPECT_EQ(a.refreshes_asked, 0U);
  say(a, {}, {first});
  EXPECT_TRUE(wait([&] { return a.refreshes_asked == 2; })) << "IPv4 and IPv6";
}

TEST_F(FlowSpecOnTheWireTest, WhoDoesNotSpeakItKeepsHisSession) {
  start();
  Speaker& a = establish("172.0.0.1", exchange_rules);
  say(a, {make_rule("10.1.0.0/16")}, {});
  a.announce(World::path({100}), World::address("172.0.0.1"), {World::prefix("100.0.0.0/24")});
  ASSERT_TRUE(wait([&] { return controller_.route_server().prefix_count() == 1; }));
  EXPECT_TRUE(a.is_up());
  EXPECT_TRUE(controller_.flowspec().empty()) << "the configuration does not want it of A";
}

}  // namespace
}  // namespace fabrix::controller
