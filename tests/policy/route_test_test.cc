#include "policy/route_test.h"

#include <array>

#include <gtest/gtest.h>

#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

using net::RouteAttributes;

const net::AsPath& path() {
  static const net::AsPath one{
      {{net::AsPathSegment::Kind::kSequence, {{64500}, {64501}, {64502}}}}};
  return one;
}

// 10.1.0.0/16 from B, AS 64500, with one of everything.
RouteAttributes route() {
  static constexpr std::array kCommunities{net::Community{64500U << 16U | 1U},
                                           net::Community{0xffffff01}};
  static constexpr std::array kExtended{net::ExtendedCommunity{0x0002'fbf4'0000'0007}};
  static constexpr std::array kLarge{net::LargeCommunity{64500, 1, 2}};
  return {.prefix = net::Prefix::parse("10.1.0.0/16").value(),
          .announcer = {1},
          .neighbor = {64500},
          .as_path = &path(),
          .origin = net::RouteOrigin::kEgp,
          .med = 50,
          .communities = kCommunities,
          .extended_communities = kExtended,
          .large_communities = kLarge,
          .rpki = net::RpkiState::kValid};
}

// The tests of the first rib() in the policy.
RouteTests tests_of(std::string_view expression) {
  const auto policy = parsed("outbound = " + std::string(expression) + " >> fwd(B)").policy;
  const auto found = route_tests_of(policy.outbound);
  if (found.size() != 1) {
    ADD_FAILURE() << expression;
    return {};
  }
  return *found.front().tests;
}

bool asked(std::string_view test, const RouteAttributes& of) {
  return holds(tests_of("rib(" + std::string(test) + ")"), of);
}

TEST(RouteTestTest, EachTestHoldsOrNot) {
  for (const char* test : {"prefix in [10.0.0.0/8]",
                           "prefix in [10.1.0.0/16, 11.0.0.0/8]",
                           "prefix in set([10.0.0.0/8]) - [10.2.0.0/16]",
                           "prefix_len=16",
                           "prefix_len<=24",
                           "prefix_len in 8..24",
                           "prefix_len!=24",
                           "as_path =~ '^64500_'",
                           "as_path =~ '_64502$'",
                           "as_path_len=3",
                           "as_path_len<4",
                           "as_path_len>=3",
                           "origin_as=64502",
                           "origin_as=AS64502",
                           "origin_as in {1, 64502}",
                           "origin_as!=64501",
                           "neighbor_as=64500",
                           "community=64500:1",
                           "community=no_export",
                           "community in {1:1, 64500:1}",
                           "community in 64500:0..64500:9",
                           "community =~ '^64500:'",
                           "large_community=64500:1:2",
                           "large_community =~ ':2$'",
                           "ext_community='rt:64500:7'",
                           "ext_community=0x0002fbf400000007",
                           "ext_community =~ '^rt:64500:'",
                           "origin=egp",
                           "origin in {igp, egp}",
                           "origin!=igp",
                           "med=50",
                           "med<100",
                           "med>=50",
                           "rpki=valid",
                           "rpki!=invalid",
                           "community=64500:1, med=50"}) {
    EXPECT_TRUE(asked(test, route())) << test;
  }
  for (const char* test : {"prefix in [10.1.0.0/17]",
                           "prefix in [2001:db8::/32]",
                           "prefix in set([10.0.0.0/8]) - [10.1.1.0/24]",
                           "prefix_len=17",
                           "prefix_len>24",
                           "as_path =~ '^64501'",
                           "as_path_len=2",
                           "as_path_len>3",
                           "origin_as=64500",
                           "origin_as!=64502",
                           "neighbor_as=64501",
                           "community=64500:2",
                           "community =~ '^64501:'",
                           "large_community=64500:1:3",
                           "large_community =~ ':3$'",
                           "ext_community='ro:64500:7'",
                           "ext_community =~ '^ro:'",
                           "origin=igp",
                           "med=49",
                           "med>50",
                           "rpki=invalid",
                           "rpki=unknown",
                           "community=64500:1, med=51"}) {
    EXPECT_FALSE(asked(test, route())) << test;
  }
}

TEST(RouteTestTest, WhatARouteDoesNotHaveIsNotTested) {
  const net::AsPath aggregate{{{net::AsPathSegment::Kind::kSequence, {{64500}}},
                               {net::AsPathSegment::Kind::kSet, {{64501}, {64502}}}}};
  RouteAttributes bare = route();
  bare.as_path = &aggregate;
  bare.med.reset();
  bare.communities = {};
  bare.large_communities = {};
  // RFC 4271 §9.1.2.2: the set counts as one, and no AS is the origin; without MED it is the
  // lowest.
  EXPECT_TRUE(asked("as_path_len=2", bare));
  EXPECT_FALSE(asked("origin_as=64502", bare));
  EXPECT_FALSE(asked("origin_as!=64502", bare));
  EXPECT_TRUE(asked("as_path =~ '_64502_'", bare));
  EXPECT_TRUE(asked("med=0", bare));
  EXPECT_FALSE(asked("community =~ '.*'", bare));
  EXPECT_FALSE(asked("large_community =~ '.*'", bare));
}

TEST(RouteTestTest, BestViaAsksWhoAnnounces) {
  EXPECT_TRUE(holds(tests_of("best_via(B)"), route()));
  EXPECT_FALSE(holds(tests_of("best_via(C)"), route()));
}

TEST(RouteTestTest, PredicatesAskTheRouteForTheirSide) {
  const auto policy = parsed("outbound = (rib(med=1) & ~src_rib(med=2)) >> fwd(B)").policy;
  net::Packet packet;
  packet.eth_type = net::kEthTypeIpv4;
  packet.src_ip = net::IpAddress::parse("10.0.0.1").value();
  packet.dst_ip = net::IpAddress::parse("10.0.0.2").value();
  const auto asking = [&packet](std::uint32_t med_of_source, std::uint32_t med_of_destination) {
    return std::function<bool(const OnRoute&, const net::IpAddress&)>(
        [=, &packet](const OnRoute& test, const net::IpAddress& address) {
          const bool is_source = address == packet.src_ip;
          EXPECT_EQ(test.side, is_source ? Side::kSource : Side::kDestination);
          RouteAttributes found = route();
          found.med = is_source ? med_of_source : med_of_destination;
          return holds(*test.tests, found);
        });
  };
  const Predicate& when = *policy.outbound.clauses.front().when;
  for (const auto& [source, destination, expected] :
       {std::tuple{1U, 1U, true}, std::tuple{2U, 1U, false}, std::tuple{1U, 2U, false}}) {
    const auto on_route = asking(source, destination);
    PacketContext context;
    context.on_route = &on_route;
    EXPECT_EQ(holds(when, packet, context), expected);
  }
  EXPECT_FALSE(holds(when, packet, {}));
}

TEST(RouteTestTest, EqualQuestionsAreOne) {
  const auto list = parsed(
                        "outbound = (rib(med=1) >> fwd(B)) // (rib(med=1) >> fwd(C))"
                        " // (rib(med in {1, 2}) >> fwd(C)) // (src_rib(med=1) >> drop)")
                        .policy.outbound;
  EXPECT_EQ(route_tests_of(list).size(), 3U);
}

TEST(RouteTestTest, KnowsWhoAsksForRpki) {
  EXPECT_TRUE(asks_rpki(parsed("outbound = ~rib(med=1, rpki=valid) >> fwd(B)").policy.outbound));
  EXPECT_FALSE(asks_rpki(parsed("outbound = rib(med=1) >> fwd(B)").policy.outbound));
}

}  // namespace
}  // namespace fabrix::policy
