#include "routeserver/flowspec_table.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

using bgp::FlowSpecRule;
using bgp::FlowSpecValidity;

constexpr net::ParticipantId kA{1};
constexpr net::ParticipantId kB{2};
constexpr net::ParticipantId kC{3};
constexpr FlowSpecSession kA1{PeerId{10}, kA};
constexpr FlowSpecSession kA2{PeerId{11}, kA};
constexpr FlowSpecSession kB1{PeerId{20}, kB};
constexpr FlowSpecSession kC1{PeerId{30}, kC};
constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};

net::Prefix prefix(std::string_view text) {
  return net::Prefix::parse(text).value();
}

net::Asn asn_of(net::ParticipantId participant) {
  return net::Asn{64500U + participant.value};
}

FlowSpecRule rule(std::string_view destination, std::uint64_t port) {
  return FlowSpecRule::create(
             net::Family::kIpv4,
             {{.type = bgp::FlowSpecType::kDestination,
               .value = bgp::FlowSpecPrefix{.prefix = prefix(destination)}},
              {.type = bgp::FlowSpecType::kPort,
               .value = bgp::FlowSpecComponent::Numbers{{.width = 4, .value = port}}}})
      .value();
}

bgp::AttributesPtr attributes(net::ParticipantId from,
                              std::uint64_t community = 0x8006000000000000) {
  bgp::PathAttributes made;
  made.as_path.prepend(asn_of(from), 1);
  made.extended_communities = {{community}};
  return std::make_shared<const bgp::PathAttributes>(made);
}

// Unicast routes as lists: the obvious slow version.
class FlowSpecTableTest : public testing::Test {
 protected:
  FlowSpecTableTest() : table_(everyone(), hooks()) {
    for (const FlowSpecSession& session : {kA1, kA2, kB1, kC1}) table_.listen(session, kBoth);
    routes_ = {{kA, prefix("10.0.0.0/8")}, {kB, prefix("20.0.0.0/8")}};
  }

  static FlowSpecConfig everyone() {
    return {.max_rules = 3, .audience = {.scope = FlowSpecAudience::Scope::kEveryone, .named = {}}};
  }

  FlowSpecHooks hooks() {
    return {.unicast = {.best_match = [this](auto client,
                                             const auto& block) { return best(client, block); },
                        .others_have_more_specific =
                            [this](auto client, const auto& block) {
                              return std::ranges::any_of(routes_, [&](const auto& route) {
                                return route.first != client && route.second != block &&
                                       block.contains(route.second);
                              });
                            }},
            .may_hear = [this](auto announcer, auto listener) {
              return std::pair(announcer, listener) != strangers_;
            }};
  }

  std::optional<bgp::FlowSpecBestMatch> best(net::ParticipantId client, const net::Prefix& block) {
    std::optional<bgp::FlowSpecBestMatch> found;
    for (const auto& [owner, route] : routes_) {
      if (!route.contains(block)) continue;
      if (!found || found->prefix.length() < route.length()) {
        found = {.prefix = route, .first_as = std::nullopt};
      }
      if (owner == client && found->prefix == route) found->first_as = asn_of(owner);
    }
    return found;
  }

  void set_routes(std::vector<std::pair<net::ParticipantId, net::Prefix>> routes,
                  std::string_view changed) {
    routes_ = std::move(routes);
    table_.unicast_changed(std::vector{prefix(changed)});
  }

  // "+" for what the session is told, "-" for what is taken back.
  std::string told(const FlowSpecSession& session) {
    std::string text;
    const FlowSpecChanges changes = table_.take_changes(session.peer);
    for (const FlowSpecRule& gone : changes.withdrawn) text += "-" + gone.to_string() + "\n";
    for (const auto& made : changes.announced) text += "+" + made.rule.to_string() + "\n";
    EXPECT_FALSE(table_.has_changes(session.peer));
    return text;
  }

  using Announced =
      std::map<std::pair<PeerId, std::string>, std::pair<FlowSpecSession, FlowSpecRule>>;

  // The valid ones of other clients.
  std::set<std::string> should_know(const Announced& announced, const FlowSpecSession& listener) {
    std::set<std::string> texts;
    for (const auto& [key, made] : announced) {
      const net::ParticipantId client = made.first.participant;
      const bgp::FlowSpecOrigin origin{client, asn_of(client)};
      const auto validity = bgp::validate_flowspec(made.second, origin, hooks().unicast);
      const bool heard = client != listener.participant && validity == FlowSpecValidity::kValid;
      if (heard) texts.insert(key.second);
    }
    return texts;
  }

  static std::vector<std::pair<net::ParticipantId, net::Prefix>> random_routes(
      std::mt19937& random, std::span<const net::Prefix> blocks) {
    const std::vector owners{kA, kA, kB, kC};
    std::vector<std::pair<net::ParticipantId, net::Prefix>> routes;
    for (const net::Prefix& block : blocks) {
      if (random() % 2 == 0) routes.emplace_back(owners[random() % 4], block);
    }
    return routes;
  }

  // The verdict on the only rule.
  std::string verdict() {
    std::string text;
    table_.for_each([&](const FlowSpecRule&, std::span<const FlowSpecEntry> entries) {
      for (const FlowSpecEntry& entry : entries) text += to_string(entry.verdict);
    });
    return text;
  }

  std::vector<std::pair<net::ParticipantId, net::Prefix>> routes_;
  std::pair<net::ParticipantId, net::ParticipantId> strangers_{kA, kA};
  FlowSpecTable table_;
  const FlowSpecRule ten_ = rule("10.1.0.0/16", 53);
};

TEST_F(FlowSpecTableTest, TellsEveryoneButTheAnnouncer) {
  EXPECT_EQ(table_.announce(kA1, ten_, attributes(kA)), FlowSpecOutcome::kKept);
  EXPECT_EQ(told(kB1), "+dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(told(kC1), "+dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(told(kA1), "");
  EXPECT_EQ(told(kA2), "");  // the same client
  EXPECT_EQ(verdict(), "accepted");
  table_.withdraw(kA1.peer, ten_);
  EXPECT_EQ(told(kB1), "-dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(told(kA1), "");
  EXPECT_EQ(table_.rule_count(kA), 0U);
}

TEST_F(FlowSpecTableTest, KeepsTheAttributes) {
  table_.announce(kA1, ten_, attributes(kA));
  const auto changes = table_.take_changes(kB1.peer);
  ASSERT_EQ(changes.announced.size(), 1U);
  EXPECT_EQ(*changes.announced[0].attributes, *attributes(kA));
}

TEST_F(FlowSpecTableTest, ARepetitionTellsNothingNewAttributesDo) {
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_NE(told(kB1), "");
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_EQ(told(kB1), "");
  table_.announce(kA1, ten_, attributes(kA, 0x800900000000000a));
  EXPECT_EQ(told(kB1), "+dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(table_.rule_count(kA), 1U);
}

TEST_F(FlowSpecTableTest, ChangesThatCancelOutAreNotTold) {
  table_.announce(kA1, ten_, attributes(kA));
  table_.withdraw(kA1.peer, ten_);
  EXPECT_EQ(told(kB1), "");
}

TEST_F(FlowSpecTableTest, TellsRulesInOrderOfPrecedence) {
  table_.announce(kA1, rule("10.0.0.0/8", 1), attributes(kA));
  table_.announce(kA1, rule("10.9.0.0/16", 1), attributes(kA));
  EXPECT_EQ(told(kB1), "+dst 10.9.0.0/16, port =1\n+dst 10.0.0.0/8, port =1\n");
}

TEST_F(FlowSpecTableTest, Rfc8955_6_InvalidRulesAreKeptButNotTold) {
  EXPECT_EQ(table_.announce(kA1, rule("20.0.0.0/16", 53), attributes(kA)), FlowSpecOutcome::kKept);
  EXPECT_EQ(told(kB1), "");
  EXPECT_EQ(verdict(), "the best unicast route for the destination is another member's");
  EXPECT_EQ(table_.rule_count(kA), 1U);
}

TEST_F(FlowSpecTableTest, Rfc8955_6_RulesFollowTheirUnicastRoutes) {
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_NE(told(kC1), "");
  const auto original = routes_;
  set_routes({}, "10.0.0.0/8");
  EXPECT_EQ(told(kC1), "-dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(verdict(), "no unicast route covers the destination");
  set_routes(original, "10.0.0.0/8");
  EXPECT_EQ(told(kC1), "+dst 10.1.0.0/16, port =53\n");
  // A more specific of somebody else, and a longer match of somebody else.
  set_routes({{kA, prefix("10.0.0.0/8")}, {kB, prefix("10.1.2.0/24")}}, "10.1.2.0/24");
  EXPECT_EQ(told(kC1), "-dst 10.1.0.0/16, port =53\n");
  set_routes({{kA, prefix("10.0.0.0/8")}, {kB, prefix("10.0.0.0/9")}}, "10.0.0.0/9");
  EXPECT_EQ(verdict(), "the best unicast route for the destination is another member's");
  EXPECT_EQ(told(kC1), "");
}

TEST_F(FlowSpecTableTest, RulesThatNoPacketMatchesAreNotTold) {
  table_.announce(kA1, rule("10.1.0.0/16", 99971), attributes(kA));
  EXPECT_EQ(told(kB1), "");
  EXPECT_EQ(verdict(), "no packet can match its port");
}

TEST_F(FlowSpecTableTest, Rfc8955_10_RulesWithMalformedActionsAreNotTold) {
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_NE(told(kB1), "");
  table_.announce(kA1, ten_, attributes(kA, 0x800600007fc00000));
  EXPECT_EQ(told(kB1), "-dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(verdict(), "traffic rate is not a finite number");
}

TEST_F(FlowSpecTableTest, AClientHasOnlySoManyRulesOverAllItsSessions) {
  EXPECT_EQ(table_.announce(kA1, rule("10.0.0.0/16", 1), attributes(kA)), FlowSpecOutcome::kKept);
  EXPECT_EQ(table_.announce(kA1, rule("10.0.0.0/16", 2), attributes(kA)), FlowSpecOutcome::kKept);
  EXPECT_EQ(table_.announce(kA2, rule("10.0.0.0/16", 3), attributes(kA)), FlowSpecOutcome::kKept);
  EXPECT_EQ(table_.announce(kA2, rule("10.0.0.0/16", 4), attributes(kA)),
            FlowSpecOutcome::kOverLimit);
  // What is there already can still change, and others are not affected.
  EXPECT_EQ(table_.announce(kA2, rule("10.0.0.0/16", 3), attributes(kA)), FlowSpecOutcome::kKept);
  EXPECT_EQ(table_.announce(kB1, rule("20.0.0.0/16", 1), attributes(kB)), FlowSpecOutcome::kKept);
  EXPECT_EQ(table_.rule_count(kA), 3U);
  EXPECT_EQ(table_.refused_count(kA), 1U);
}

TEST_F(FlowSpecTableTest, AsksForARefreshOnceThereIsRoomForWhatWasRefused) {
  for (unsigned port = 1; port <= 4; ++port) {
    table_.announce(kA1, rule("10.0.0.0/16", port), attributes(kA));
  }
  EXPECT_FALSE(table_.wants_refresh(kA));
  table_.withdraw(kA1.peer, rule("10.0.0.0/16", 1));
  EXPECT_TRUE(table_.wants_refresh(kA));
  EXPECT_FALSE(table_.wants_refresh(kA));
  EXPECT_EQ(table_.refused_count(kA), 0U);
  EXPECT_FALSE(table_.wants_refresh(kB));
}

TEST_F(FlowSpecTableTest, ReplacesAnAnnouncerThatLeaves) {
  routes_ = {{kA, prefix("10.0.0.0/8")}, {kB, prefix("10.0.0.0/8")}};
  table_.announce(kA1, ten_, attributes(kA));
  table_.announce(kB1, ten_, attributes(kB));
  // Each hears of the other, the third of the lower session.
  EXPECT_EQ(*table_.take_changes(kA1.peer).announced.at(0).attributes, *attributes(kB));
  EXPECT_EQ(*table_.take_changes(kB1.peer).announced.at(0).attributes, *attributes(kA));
  EXPECT_EQ(*table_.take_changes(kC1.peer).announced.at(0).attributes, *attributes(kA));
  table_.session_down(kA1.peer);
  EXPECT_EQ(*table_.take_changes(kC1.peer).announced.at(0).attributes, *attributes(kB));
  EXPECT_EQ(told(kB1), "-dst 10.1.0.0/16, port =53\n");
  EXPECT_FALSE(table_.has_changes(kA1.peer));
}

TEST_F(FlowSpecTableTest, ALateListenerIsToldEverythingOfItsFamilies) {
  table_.announce(kA1, ten_, attributes(kA));
  table_.session_down(kC1.peer);
  EXPECT_EQ(told(kC1), "");
  table_.listen(kC1, {.ipv4 = false, .ipv6 = true});
  EXPECT_EQ(told(kC1), "");
  table_.listen(kC1, kBoth);
  EXPECT_EQ(told(kC1), "+dst 10.1.0.0/16, port =53\n");
}

TEST_F(FlowSpecTableTest, Rfc2918_4_ARefreshTellsEverythingAgain) {
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_NE(told(kC1), "");
  table_.refresh(kC1.peer, net::Family::kIpv6);
  EXPECT_EQ(told(kC1), "");
  table_.refresh(kC1.peer, net::Family::kIpv4);
  EXPECT_EQ(told(kC1), "+dst 10.1.0.0/16, port =53\n");
  table_.refresh(kC1.peer, net::Family::kIpv4);
  table_.withdraw(kA1.peer, ten_);
  EXPECT_EQ(told(kC1), "-dst 10.1.0.0/16, port =53\n");
}

TEST_F(FlowSpecTableTest, OnlyTheAudienceHears) {
  using enum FlowSpecAudience::Scope;
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_NE(told(kB1), "");
  EXPECT_NE(told(kC1), "");
  table_.reconfigure({.max_rules = 3, .audience = {.scope = kNamed, .named = {kC}}});
  EXPECT_EQ(told(kB1), "-dst 10.1.0.0/16, port =53\n");
  EXPECT_EQ(told(kC1), "");
  table_.reconfigure({.max_rules = 3, .audience = {.scope = kNobody, .named = {kC}}});
  EXPECT_EQ(told(kC1), "-dst 10.1.0.0/16, port =53\n");
}

TEST_F(FlowSpecTableTest, StrangersHearNothingOfEachOther) {
  strangers_ = {kA, kB};
  table_.announce(kA1, ten_, attributes(kA));
  EXPECT_EQ(told(kB1), "");
  strangers_ = {kA, kC};
  table_.hearing_changed();
  EXPECT_EQ(told(kB1), "+dst 10.1.0.0/16, port =53\n");
}

TEST_F(FlowSpecTableTest, ALowerLimitKeepsWhatIsThere) {
  table_.announce(kA1, rule("10.0.0.0/16", 1), attributes(kA));
  table_.announce(kA1, rule("10.0.0.0/16", 2), attributes(kA));
  FlowSpecConfig lower = everyone();
  lower.max_rules = 1;
  table_.reconfigure(lower);
  EXPECT_EQ(table_.rule_count(kA), 2U);
  EXPECT_EQ(table_.announce(kA1, rule("10.0.0.0/16", 3), attributes(kA)),
            FlowSpecOutcome::kOverLimit);
}

// Whatever happens, a session that keeps up has been told what a table made afresh would tell it.
TEST_F(FlowSpecTableTest, WhatSessionsWereToldIsWhatTheyShouldKnow) {
  constexpr unsigned kSeed = 9117;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto below = [&random](unsigned limit) { return static_cast<unsigned>(random() % limit); };
  const std::vector<FlowSpecSession> sessions{kA1, kA2, kB1, kC1};
  const std::vector blocks{prefix("10.0.0.0/8"), prefix("10.1.0.0/16"), prefix("10.1.1.0/24")};
  Announced announced;
  std::map<PeerId, std::set<std::string>> known;
  for (int step = 0; step < 2000; ++step) {
    const FlowSpecSession& session = sessions[below(4)];
    const FlowSpecRule about = rule(blocks[below(3)].to_string(), 1 + below(2));
    const std::pair key(session.peer, about.to_string());
    if (below(3) == 0) {
      table_.withdraw(session.peer, about);
      announced.erase(key);
    } else if (below(2) == 0) {
      const auto outcome = table_.announce(session, about, attributes(session.participant));
      if (outcome == FlowSpecOutcome::kKept)
        announced.insert_or_assign(key, std::pair(session, about));
    } else {
      routes_ = random_routes(random, blocks);
      table_.unicast_changed(blocks);
    }
    const FlowSpecSession& listener = sessions[below(4)];
    const auto changes = table_.take_changes(listener.peer);
    std::set<std::string>& knows = known[listener.peer];
    for (const auto& gone : changes.withdrawn) EXPECT_EQ(knows.erase(gone.to_string()), 1U);
    for (const auto& made : changes.announced) knows.insert(made.rule.to_string());
    ASSERT_EQ(knows, should_know(announced, listener)) << "step " << step;
  }
}

}  // namespace
}  // namespace fabrix::routeserver
