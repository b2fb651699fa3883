#include "routeserver/import_filter.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

// Router a1 of A (AS 1000), b1 of B (AS 2000), a2 of A's sister with A's AS.
exchange::Exchange three_members() {
  exchange::Exchange made;
  made.asn = net::Asn{3000};
  made.peering_lan = {prefix("193.0.0.0/22"), prefix("2001:7f8::/64")};
  const std::uint32_t asns[] = {1000, 2000, 1000};
  const char* addresses[][2] = {
      {"193.0.0.1", "2001:7f8::1"}, {"193.0.0.2", "2001:7f8::2"}, {"193.0.0.3", "2001:7f8::3"}};
  for (std::uint16_t i = 0; i < 3; ++i) {
    made.participants.push_back({.id = {i}, .asn = {asns[i]}, .routers = {{i}}});
    made.routers.push_back({.id = {i},
                            .participant = {i},
                            .addresses = {address(addresses[i][0]), address(addresses[i][1])}});
  }
  return made;
}

// A route of A, accepted by every preset unless a test spoils it.
struct Announced {
  std::string prefix = "198.0.0.0/24";
  std::string next_hop = "193.0.0.1";
  bgp::PathAttributes attributes{.as_path = path({1000, 7000})};
};

Announced v6(std::string prefix_text) {
  return {.prefix = std::move(prefix_text), .next_hop = "2001:7f8::1"};
}

Announced v4(std::string prefix_text) {
  return {.prefix = std::move(prefix_text)};
}

Announced by(const std::vector<std::uint32_t>& asns) {
  return {.attributes = {.as_path = path(asns)}};
}

Announced blackhole(std::string prefix_text) {
  Announced route{.prefix = std::move(prefix_text)};
  route.attributes.communities = {bgp::kBlackhole};
  return route;
}

class ImportFilterTest : public testing::Test {
 protected:
  exchange::ImportPolicy& policy() { return exchange_.participants[0].import; }

  std::optional<RejectReason> judge(const Announced& route) const {
    const ImportFilter filter(exchange_, data_);
    const auto verdict = filter.judge_path(a_, address(route.next_hop), route.attributes);
    return filter.judge(a_, prefix(route.prefix), verdict);
  }

  void use(std::vector<rpki::Vrp> vrps) {
    data_.vrps = std::make_shared<const rpki::VrpTable>(rpki::VrpTable::build(std::move(vrps)));
  }
  void use(std::vector<rpki::Aspa> aspas) {
    data_.aspas = std::make_shared<const rpki::AspaTable>(rpki::AspaTable::build(std::move(aspas)));
  }
  void use(IrrSets sets) { data_.irr = {std::make_shared<const IrrSets>(std::move(sets))}; }

  exchange::Exchange exchange_ = three_members();
  ImportData data_;
  Peer a_{
      .id = {0}, .router = {0}, .participant = {0}, .asn = {1000}, .address = address("193.0.0.1")};
};

constexpr std::nullopt_t kGood = std::nullopt;

rpki::Vrp vrp(std::string_view text, std::uint8_t max_length, std::uint32_t asn) {
  return {.prefix = prefix(text), .max_length = max_length, .asn = {asn}};
}

TEST_F(ImportFilterTest, Rfc7454_6_1_3_PrefixesAreNoLongerThanTheBounds) {
  policy().ipv4 = {.least = 8, .most = 24};
  policy().ipv6 = {.least = 12, .most = 48};
  EXPECT_EQ(judge(v4("198.0.0.0/24")), kGood);
  EXPECT_EQ(judge(v4("198.0.0.0/25")), RejectReason::kTooLong);
  EXPECT_EQ(judge(v6("2a00:1::/48")), kGood);
  EXPECT_EQ(judge(v6("2a00:1::/49")), RejectReason::kTooLong);
}

TEST_F(ImportFilterTest, Rfc7454_6_1_3_PrefixesAreNoShorterThanTheBounds) {
  policy().ipv4 = {.least = 8, .most = 24};
  policy().ipv6 = {.least = 12, .most = 48};
  EXPECT_EQ(judge(v4("198.0.0.0/8")), kGood);
  EXPECT_EQ(judge(v4("198.0.0.0/7")), RejectReason::kTooShort);
  EXPECT_EQ(judge(v6("2a00::/12")), kGood);
  EXPECT_EQ(judge(v6("2a00::/11")), RejectReason::kTooShort);
}

TEST_F(ImportFilterTest, Rfc7454_6_1_6_TheDefaultRouteGoesWithTheBogons) {
  EXPECT_EQ(judge(v4("0.0.0.0/0")), kGood);
  EXPECT_EQ(judge(v6("::/0")), kGood);
  policy().reject_bogon_prefixes = true;
  EXPECT_EQ(judge(v4("0.0.0.0/0")), RejectReason::kTooShort);
  EXPECT_EQ(judge(v6("::/0")), RejectReason::kTooShort);
}

TEST_F(ImportFilterTest, Rfc7454_6_1_1_BogonPrefixesAreRefused) {
  EXPECT_EQ(judge(v4("10.0.0.0/16")), kGood);
  EXPECT_EQ(judge(v6("2001:db8:1::/48")), kGood);
  policy().reject_bogon_prefixes = true;
  EXPECT_EQ(judge(v4("10.0.0.0/16")), RejectReason::kBogonPrefix);
  EXPECT_EQ(judge(v6("2001:db8:1::/48")), RejectReason::kBogonPrefix);
  EXPECT_EQ(judge(v4("11.0.0.0/16")), kGood);
  EXPECT_EQ(judge(v6("2a00:db8:1::/48")), kGood);
}

TEST_F(ImportFilterTest, Rfc7454_6_1_5_ThePeeringLanIsRefusedWithWhatIsInside) {
  EXPECT_EQ(judge(v4("193.0.0.0/22")), RejectReason::kPeeringLan);
  EXPECT_EQ(judge(v4("193.0.1.0/24")), RejectReason::kPeeringLan);
  EXPECT_EQ(judge(v4("193.0.0.0/21")), kGood);
  EXPECT_EQ(judge(v4("193.0.4.0/24")), kGood);
  EXPECT_EQ(judge(v6("2001:7f8::/64")), RejectReason::kPeeringLan);
  EXPECT_EQ(judge(v6("2001:7f8::7/128")), RejectReason::kPeeringLan);
  EXPECT_EQ(judge(v6("2001:7f8::/48")), kGood);
}

TEST_F(ImportFilterTest, TheExchangesOwnPrefixesAreRefused) {
  policy().own_prefixes = {prefix("194.0.0.0/16"), prefix("2a01::/32")};
  EXPECT_EQ(judge(v4("194.0.7.0/24")), RejectReason::kOwnPrefix);
  EXPECT_EQ(judge(v6("2a01:0:1::/48")), RejectReason::kOwnPrefix);
  EXPECT_EQ(judge(v4("194.1.0.0/24")), kGood);
  EXPECT_EQ(judge(v6("2a01:1::/48")), kGood);
}

TEST_F(ImportFilterTest, PrefixesOnTheListAreRefused) {
  policy().rejected_prefixes = {prefix("194.0.0.0/16"), prefix("2a01::/32")};
  EXPECT_EQ(judge(v4("194.0.0.0/16")), RejectReason::kListedPrefix);
  EXPECT_EQ(judge(v6("2a01::/33")), RejectReason::kListedPrefix);
  EXPECT_EQ(judge(v4("194.0.0.0/15")), kGood);
  EXPECT_EQ(judge(v6("2a02::/33")), kGood);
}

TEST_F(ImportFilterTest, Rfc7948_4_8_TheNextHopIsTheAnnouncingRouter) {
  EXPECT_EQ(judge({.next_hop = "193.0.0.2"}), RejectReason::kNextHop);
  EXPECT_EQ(judge({.next_hop = "193.0.0.3"}), RejectReason::kNextHop);
  EXPECT_EQ(judge({.prefix = "2a00:1::/48", .next_hop = "2001:7f8::2"}), RejectReason::kNextHop);
  EXPECT_EQ(judge(v6("2a00:1::/48")), kGood);
}

TEST_F(ImportFilterTest, Rfc8950_AnIpv4RouteMayHaveTheRoutersIpv6Address) {
  EXPECT_EQ(judge({.next_hop = "2001:7f8::1"}), kGood);
  EXPECT_EQ(judge({.next_hop = "2001:7f8::2"}), RejectReason::kNextHop);
}

TEST_F(ImportFilterTest, TheNextHopMayBeARouterOfTheSameAs) {
  policy().next_hop = exchange::NextHopRule::kSameAs;
  EXPECT_EQ(judge({.next_hop = "193.0.0.1"}), kGood);
  EXPECT_EQ(judge({.next_hop = "193.0.0.3"}), kGood);
  EXPECT_EQ(judge({.prefix = "2a00:1::/48", .next_hop = "2001:7f8::3"}), kGood);
  EXPECT_EQ(judge({.next_hop = "193.0.0.2"}), RejectReason::kNextHop);
  EXPECT_EQ(judge({.next_hop = "193.0.0.77"}), RejectReason::kNextHop);
}

TEST_F(ImportFilterTest, TheNextHopMayBeAnyMembersRouter) {
  policy().next_hop = exchange::NextHopRule::kAnyOnLan;
  EXPECT_EQ(judge({.next_hop = "193.0.0.2"}), kGood);
  EXPECT_EQ(judge({.next_hop = "2001:7f8::2"}), kGood);
  EXPECT_EQ(judge({.next_hop = "193.0.0.77"}), RejectReason::kNextHop);
  EXPECT_EQ(judge({.next_hop = "8.8.8.8"}), RejectReason::kNextHop);
}

TEST_F(ImportFilterTest, Rfc4271_6_3_ThePathBeginsWithTheMembersAs) {
  EXPECT_EQ(judge(by({2000, 1000})), RejectReason::kFirstAs);
  EXPECT_EQ(judge({.attributes = {}}), RejectReason::kFirstAs);
  policy().enforce_first_as = false;
  EXPECT_EQ(judge(by({2000, 1000})), kGood);
  EXPECT_EQ(judge({.attributes = {}}), RejectReason::kFirstAs);
}

TEST_F(ImportFilterTest, Rfc7454_8_PathsHaveABound) {
  policy().max_as_path_length = 3;
  EXPECT_EQ(judge(by({1000, 1000, 1000})), kGood);
  EXPECT_EQ(judge(by({1000, 1000, 1000, 1000})), RejectReason::kPathTooLong);
  policy().max_as_path_length.reset();
  EXPECT_EQ(judge(by(std::vector<std::uint32_t>(255, 1000))), kGood);
}

TEST_F(ImportFilterTest, Rfc7454_8_BogonAsNumbersAreRefusedWhereverTheyAre) {
  EXPECT_EQ(judge(by({1000, 64512})), kGood);
  policy().reject_bogon_asns = true;
  for (const std::uint32_t bogon : {0U, 23456U, 64496U, 64512U, 65535U, 65551U, 65552U, 131071U,
                                    4'200'000'000U, 4'294'967'295U}) {
    SCOPED_TRACE(bogon);
    EXPECT_EQ(judge(by({1000, bogon, 7000})), RejectReason::kBogonAsn);
  }
  Announced with_set = by({1000});
  with_set.attributes.as_path.segments.push_back(
      {.kind = bgp::AsPathSegment::Kind::kSet, .asns = {{7000}, {64512}}});
  EXPECT_EQ(judge(with_set), RejectReason::kBogonAsn);
  EXPECT_EQ(judge(by({1000, 131'072})), kGood);
}

TEST_F(ImportFilterTest, Rfc4271_9_1_2_TheExchangesOwnAsIsALoop) {
  EXPECT_EQ(judge(by({1000, 3000, 7000})), RejectReason::kAsLoop);
}

TEST_F(ImportFilterTest, Rfc9234_5_ARouteForCustomersOnlyIsALeak) {
  Announced leak;
  leak.attributes.only_to_customer = net::Asn{1000};
  EXPECT_EQ(judge(leak), RejectReason::kRouteLeak);
  exchange_.participants[0].session.role = false;
  EXPECT_EQ(judge(leak), kGood);
}

TEST_F(ImportFilterTest, NetworksThatWantNoRouteServerAreRefused) {
  policy().never_via_route_servers = {{1000}, {7000}};
  EXPECT_EQ(judge(by({1000, 8000})), RejectReason::kNeverViaRouteServers);
  policy().never_via_route_servers = {{7000}};
  EXPECT_EQ(judge(by({1000, 7000})), RejectReason::kNeverViaRouteServers);
  EXPECT_EQ(judge(by({1000, 8000})), kGood);
}

TEST_F(ImportFilterTest, TransitFreeNetworksAreMembersOrNotBehindThem) {
  policy().transit_free = {{1000}, {1299}, {3356}};
  EXPECT_EQ(judge(by({1000, 7000})), kGood);
  EXPECT_EQ(judge(by({1000, 1299})), RejectReason::kTransitFree);
  EXPECT_EQ(judge(by({1000, 7000, 3356, 8000})), RejectReason::kTransitFree);
}

TEST_F(ImportFilterTest, CommunitiesOfAllKindsHaveABound) {
  policy().max_communities = 3;
  Announced route;
  route.attributes.communities = {bgp::community(1, 1)};
  route.attributes.extended_communities = {{1}};
  route.attributes.large_communities = {{1, 1, 1}};
  EXPECT_EQ(judge(route), kGood);
  route.attributes.communities.push_back(bgp::community(1, 2));
  EXPECT_EQ(judge(route), RejectReason::kTooManyCommunities);
}

TEST_F(ImportFilterTest, TheIrrNamesThePrefixes) {
  use(IrrSets({{.prefix = prefix("198.0.0.0/22"), .least = 22, .most = 23},
               {.prefix = prefix("2a00:1::/32"), .least = 32, .most = 32}},
              {}));
  EXPECT_EQ(judge(v4("198.9.0.0/24")), kGood);
  policy().irr.enforce_prefix = true;
  EXPECT_EQ(judge(v4("198.0.0.0/23")), kGood);
  EXPECT_EQ(judge(v6("2a00:1::/32")), kGood);
  EXPECT_EQ(judge(v4("198.0.0.0/24")), RejectReason::kIrrPrefix);
  EXPECT_EQ(judge(v6("2a00:1::/48")), RejectReason::kIrrPrefix);
  EXPECT_EQ(judge(v4("198.9.0.0/24")), RejectReason::kIrrPrefix);
  policy().irr.allow_longer = true;
  EXPECT_EQ(judge(v4("198.0.0.0/24")), kGood);
  EXPECT_EQ(judge(v6("2a00:1::/48")), kGood);
  EXPECT_EQ(judge(v4("198.0.0.0/21")), RejectReason::kIrrPrefix);
}

TEST_F(ImportFilterTest, TheIrrNamesTheOrigins) {
  use(IrrSets({}, {{7000}}));
  EXPECT_EQ(judge(by({1000, 8000})), kGood);
  policy().irr.enforce_origin = true;
  EXPECT_EQ(judge(by({1000, 7000})), kGood);
  EXPECT_EQ(judge(by({1000, 8000})), RejectReason::kIrrOrigin);
  Announced aggregate = by({1000});
  aggregate.attributes.as_path.segments.push_back(
      {.kind = bgp::AsPathSegment::Kind::kSet, .asns = {{7000}}});
  EXPECT_EQ(judge(aggregate), RejectReason::kIrrOrigin);
}

TEST_F(ImportFilterTest, WithoutIrrDataEverythingOfTheKindIsRefused) {
  policy().irr.enforce_prefix = true;
  EXPECT_EQ(judge({}), RejectReason::kIrrPrefix);
  policy().irr = {.enforce_origin = true};
  EXPECT_EQ(judge({}), RejectReason::kIrrOrigin);
}

TEST_F(ImportFilterTest, Rfc6811_InvalidRoutesAreRefusedWherePolicySaysSo) {
  use({vrp("198.0.0.0/16", 24, 7000), vrp("2a00:1::/32", 48, 7000)});
  const Announced wrong_origin = by({1000, 8000});
  EXPECT_EQ(judge(wrong_origin), kGood);
  policy().rpki = exchange::RpkiRule::kMark;
  EXPECT_EQ(judge(wrong_origin), kGood);
  policy().rpki = exchange::RpkiRule::kRejectInvalid;
  EXPECT_EQ(judge(wrong_origin), RejectReason::kRpkiInvalid);
  EXPECT_EQ(judge(v4("198.0.0.0/25")), RejectReason::kRpkiInvalid);
  EXPECT_EQ(judge(v6("2a00:1::/49")), RejectReason::kRpkiInvalid);
  EXPECT_EQ(judge(v4("198.0.0.0/24")), kGood);
  EXPECT_EQ(judge(v6("2a00:1::/48")), kGood);
  EXPECT_EQ(judge(v4("199.0.0.0/24")), kGood);
}

TEST_F(ImportFilterTest, WithoutVrpsNothingIsInvalid) {
  policy().rpki = exchange::RpkiRule::kRejectInvalid;
  EXPECT_EQ(judge({}), kGood);
  const ImportFilter filter(exchange_, {});
  EXPECT_EQ(filter.origin_state(prefix("198.0.0.0/24"), {}), rpki::OriginState::kNotFound);
}

TEST_F(ImportFilterTest, TellsTheOriginStateForPeople) {
  use({vrp("198.0.0.0/16", 24, 7000)});
  const ImportFilter filter(exchange_, data_);
  const PathVerdict verdict{.origin = net::Asn{7000}};
  EXPECT_EQ(filter.origin_state(prefix("198.0.0.0/24"), verdict), rpki::OriginState::kValid);
  EXPECT_EQ(filter.origin_state(prefix("198.0.0.0/25"), verdict), rpki::OriginState::kInvalid);
}

// 7000 has only 6000 as its provider, 6000 has none; 1000 says nothing.
TEST_F(ImportFilterTest, DraftAspaVerification_5_4_LeakedPathsAreRefusedWherePolicySaysSo) {
  use({{.customer = {6000}, .providers = {rpki::kAsZero}},
       {.customer = {7000}, .providers = {{6000}}}});
  const Announced leak = by({1000, 7000});
  EXPECT_EQ(judge(leak), kGood);
  policy().aspa = exchange::RpkiRule::kMark;
  EXPECT_EQ(judge(leak), kGood);
  policy().aspa = exchange::RpkiRule::kRejectInvalid;
  EXPECT_EQ(judge(leak), RejectReason::kAspaInvalid);
  EXPECT_EQ(judge(by({1000, 6000, 7000})), RejectReason::kAspaInvalid);
  EXPECT_EQ(judge(by({1000, 8000})), kGood);
  EXPECT_EQ(judge(by({1000})), kGood);
  EXPECT_EQ(judge(by({1000, 1000, 8000, 8000})), kGood);
  EXPECT_EQ(judge({.prefix = "2a00:1::/48", .next_hop = "2001:7f8::1"}),
            RejectReason::kAspaInvalid);
}

TEST_F(ImportFilterTest, DraftAspaVerification_5_4_AnAsSetIsInvalidEvenWithoutAspas) {
  Announced aggregate = by({1000});
  aggregate.attributes.as_path.segments.push_back(
      {.kind = bgp::AsPathSegment::Kind::kSet, .asns = {{7000}}});
  EXPECT_EQ(judge(aggregate), kGood);
  policy().aspa = exchange::RpkiRule::kRejectInvalid;
  EXPECT_EQ(judge(aggregate), RejectReason::kAspaInvalid);
  EXPECT_EQ(judge(by({1000, 7000})), kGood);
}

TEST_F(ImportFilterTest, TellsThePathStateForPeopleWhereItIsLookedUp) {
  use({{.customer = {7000}, .providers = {{1000}}}});
  const auto state = [this](const std::vector<std::uint32_t>& asns) {
    const Announced route = by(asns);
    return ImportFilter(exchange_, data_)
        .judge_path(a_, address(route.next_hop), route.attributes)
        .aspa;
  };
  EXPECT_EQ(state({1000, 7000}), std::nullopt);
  policy().aspa = exchange::RpkiRule::kMark;
  EXPECT_EQ(state({1000, 7000}), rpki::PathState::kValid);
  EXPECT_EQ(state({1000, 8000}), rpki::PathState::kUnknown);
  EXPECT_EQ(state({1000, 2000, 7000}), rpki::PathState::kInvalid);
}

TEST_F(ImportFilterTest, Rfc7999_BlackholesHaveBoundsOfTheirOwn) {
  policy() = preset(exchange::PolicyPreset::kIxp);
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), kGood);
  EXPECT_EQ(judge(blackhole("198.0.0.0/25")), kGood);
  EXPECT_EQ(judge(blackhole("198.0.0.0/24")), RejectReason::kBlackholeLength);
  Announced ipv6 = v6("2a00:1::7/128");
  ipv6.attributes.communities = {bgp::kBlackhole};
  EXPECT_EQ(judge(ipv6), kGood);
  ipv6.prefix = "2a00:1::/48";
  EXPECT_EQ(judge(ipv6), RejectReason::kBlackholeLength);
}

TEST_F(ImportFilterTest, Rfc7999_WithoutTheRuleABlackholeIsARouteLikeOthers) {
  policy() = preset(exchange::PolicyPreset::kIxp);
  policy().blackhole.accept = false;
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), RejectReason::kTooLong);
  EXPECT_EQ(judge(blackhole("198.0.0.0/24")), kGood);
  const ImportFilter filter(exchange_, data_);
  const auto& attributes = blackhole("198.0.0.7/32").attributes;
  EXPECT_FALSE(filter.judge_path(a_, address("193.0.0.1"), attributes).blackhole);
}

TEST_F(ImportFilterTest, Rfc7999_TheOtherRulesHoldForBlackholes) {
  policy() = preset(exchange::PolicyPreset::kIxp);
  EXPECT_EQ(judge(blackhole("10.0.0.7/32")), RejectReason::kBogonPrefix);
  EXPECT_EQ(judge(blackhole("193.0.0.2/32")), RejectReason::kPeeringLan);
  Announced foreign = blackhole("198.0.0.7/32");
  foreign.attributes.as_path = path({2000});
  EXPECT_EQ(judge(foreign), RejectReason::kFirstAs);
}

TEST_F(ImportFilterTest, Rfc7999_3_3_BlackholesNeedTheIrrWhereItIsEnforced) {
  policy() = preset(exchange::PolicyPreset::kIxp);
  policy().irr.enforce_prefix = true;
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), RejectReason::kBlackholeUnauthorised);
  use(IrrSets({{.prefix = prefix("198.0.0.0/22"), .least = 22, .most = 22}}, {}));
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), kGood);
  EXPECT_EQ(judge(blackhole("198.0.4.7/32")), RejectReason::kBlackholeUnauthorised);
  policy().irr.enforce_origin = true;
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), RejectReason::kIrrOrigin);
}

TEST_F(ImportFilterTest, Rfc7999_3_3_OrARoaWhateverItsMaximumLength) {
  policy() = preset(exchange::PolicyPreset::kIxp);
  policy().rpki = exchange::RpkiRule::kRejectInvalid;
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), RejectReason::kBlackholeUnauthorised);
  use({vrp("198.0.0.0/16", 24, 7000), vrp("198.1.0.0/16", 32, 8000)});
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), kGood);
  EXPECT_EQ(judge(blackhole("198.1.0.7/32")), RejectReason::kRpkiInvalid);
  EXPECT_EQ(judge(blackhole("198.2.0.7/32")), RejectReason::kBlackholeUnauthorised);
  // Either is enough.
  policy().irr.enforce_prefix = true;
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), kGood);
  use(IrrSets({with_inside(prefix("198.2.0.0/16"))}, {}));
  EXPECT_EQ(judge(blackhole("198.2.0.7/32")), kGood);
  // But ROAs count only where they are enforced.
  policy().rpki = exchange::RpkiRule::kMark;
  EXPECT_EQ(judge(blackhole("198.0.0.7/32")), RejectReason::kBlackholeUnauthorised);
}

TEST_F(ImportFilterTest, Rfc8326_GracefulShutdownIsSeenWhereItCounts) {
  const bgp::PathAttributes leaving{.as_path = path({1000}),
                                    .communities = {bgp::kGracefulShutdown}};
  const auto seen = [&] {
    const ImportFilter filter(exchange_, data_);
    return filter.judge_path(a_, address("193.0.0.1"), leaving).graceful_shutdown;
  };
  EXPECT_TRUE(seen());
  policy().graceful_shutdown = false;
  EXPECT_FALSE(seen());
}

TEST_F(ImportFilterTest, TheFirstFaultInOrderIsTheReason) {
  policy() = preset(exchange::PolicyPreset::kStrict);
  policy().irr.enforce_prefix = true;
  EXPECT_EQ(judge({.prefix = "10.0.0.0/25", .next_hop = "1.1.1.1"}), RejectReason::kTooLong);
  EXPECT_EQ(judge({.prefix = "10.0.0.0/24", .next_hop = "1.1.1.1"}), RejectReason::kBogonPrefix);
  EXPECT_EQ(judge({.prefix = "193.0.0.0/24", .next_hop = "1.1.1.1"}), RejectReason::kPeeringLan);
  EXPECT_EQ(judge({.next_hop = "1.1.1.1", .attributes = {.as_path = path({64512})}}),
            RejectReason::kNextHop);
  EXPECT_EQ(judge(by({1000, 64512, 3000, 3356})), RejectReason::kBogonAsn);
  EXPECT_EQ(judge(by({1000, 3000, 3356})), RejectReason::kAsLoop);
  EXPECT_EQ(judge(by({1000, 3356})), RejectReason::kTransitFree);
  EXPECT_EQ(judge(by({1000, 7000})), RejectReason::kIrrPrefix);
}

TEST_F(ImportFilterTest, EachMemberHasItsOwnPolicy) {
  exchange_.participants[1].import.ipv4 = {.least = 8, .most = 16};
  const Peer b{.id = {1}, .router = {1}, .participant = {1}, .asn = {2000}};
  const ImportFilter filter(exchange_, data_);
  const auto verdict = filter.judge_path(b, address("193.0.0.2"), {.as_path = path({2000})});
  EXPECT_EQ(filter.judge(b, prefix("198.0.0.0/24"), verdict), RejectReason::kTooLong);
  EXPECT_EQ(judge(v4("198.0.0.0/24")), kGood);
}

}  // namespace
}  // namespace fabrix::routeserver
