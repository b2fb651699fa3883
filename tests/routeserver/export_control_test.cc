#include "routeserver/export_control.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

// Six clients: two sessions of AS 200, a 32-bit AS, one without a role.
struct World {
  explicit World(net::Asn route_server) {
    const std::uint32_t asns[] = {100, 200, 300, 4'200'000'001, 400, 200};
    exchange.asn = route_server;
    for (const std::uint32_t asn : asns) {
      const auto i = static_cast<std::uint16_t>(peers.size());
      exchange.participants.push_back({.id = {i}, .asn = {asn}});
      peers.push_back({.id = {i}, .participant = {i}, .asn = {asn}});
    }
    exchange.participants[4].session.role = false;
  }

  ClientSet everyone() const {
    ClientSet all(peers.size());
    for (const Peer& peer : peers) all.insert(peer.id);
    return all;
  }

  exchange::Exchange exchange;
  std::vector<Peer> peers;
};

constexpr std::uint32_t kRs = 65000;
constexpr PeerId kAs200{1};
constexpr PeerId kAs300{2};
constexpr PeerId kBig{3};
constexpr PeerId kNoRole{4};

bgp::PathAttributes with(std::vector<bgp::Community> standard,
                         std::vector<bgp::LargeCommunity> large = {}) {
  return {.as_path = path({100, 7}),
          .communities = std::move(standard),
          .large_communities = std::move(large)};
}

// What a client is told; none: nothing.
std::optional<bgp::PathAttributes> told(const World& world, const bgp::PathAttributes& attributes,
                                        PeerId client) {
  const ExportControl control(world.exchange, world.peers);
  for (const ExportRule& rule : control.rules(attributes, world.everyone())) {
    if (rule.clients.contains(client)) return control.exported(attributes, rule.treatment);
  }
  return std::nullopt;
}

TEST(ExportControlTest, FollowsTheEuroIxCommunitiesOnWhoMayHear) {
  using bgp::community;
  const struct {
    const char* what;
    std::vector<bgp::Community> standard;
    std::vector<bgp::LargeCommunity> large;
    PeerId client;
    bool allowed;
  } cases[] = {
      {"none", {}, {}, kAs200, true},
      {"0:PEER", {community(0, 200)}, {}, kAs200, false},
      {"0:PEER, the other session", {community(0, 200)}, {}, PeerId{5}, false},
      {"0:OTHER", {community(0, 201)}, {}, kAs200, true},
      {"0:RS", {community(0, 65000)}, {}, kAs200, false},
      {"0:RS RS:PEER", {community(0, 65000), community(65000, 200)}, {}, kAs200, true},
      {"0:RS RS:OTHER", {community(0, 65000), community(65000, 300)}, {}, kAs200, false},
      {"0:PEER RS:PEER", {community(0, 200), community(65000, 200)}, {}, kAs200, false},
      {"RS:RS", {community(65000, 65000)}, {}, kAs200, true},
      {"0:RS RS:RS", {community(65000, 65000), community(0, 65000)}, {}, kAs200, false},
      {"RS:0:PEER", {}, {{65000, 0, 200}}, kAs200, false},
      {"RS:0:0", {}, {{65000, 0, 0}}, kAs200, false},
      {"RS:0:0 RS:1:0", {}, {{65000, 0, 0}, {65000, 1, 0}}, kAs200, false},
      {"RS:0:0 RS:1:PEER", {}, {{65000, 0, 0}, {65000, 1, 200}}, kAs200, true},
      {"0:RS RS:1:PEER", {community(0, 65000)}, {{65000, 1, 200}}, kAs200, true},
      {"RS:0:PEER RS:1:PEER", {}, {{65000, 0, 200}, {65000, 1, 200}}, kAs200, false},
      {"another's RS:0:0", {}, {{65001, 0, 0}}, kAs200, true},
      {"large for a 32-bit AS", {}, {{65000, 0, 4'200'000'001}}, kBig, false},
      {"standard cannot name a 32-bit AS", {community(0, 200)}, {}, kBig, true},
  };
  const World world(net::Asn{kRs});
  for (const auto& [what, standard, large, client, allowed] : cases) {
    SCOPED_TRACE(what);
    EXPECT_EQ(told(world, with(standard, large), client).has_value(), allowed);
  }
}

// RFC 4271 §9.1.2: it would refuse the route as a loop.
TEST(ExportControlTest, ClientsInThePathHearNothing) {
  const World world(net::Asn{kRs});
  bgp::PathAttributes attributes{.as_path = path({100, 300})};
  attributes.as_path.segments.push_back(
      {.kind = bgp::AsPathSegment::Kind::kSet, .asns = {net::Asn{7}, net::Asn{200}}});
  EXPECT_FALSE(told(world, attributes, kAs300));
  EXPECT_FALSE(told(world, attributes, kAs200));
  EXPECT_FALSE(told(world, attributes, PeerId{0}));
  EXPECT_TRUE(told(world, attributes, kBig));
}

TEST(ExportControlTest, OnlyCandidatesHear) {
  const World world(net::Asn{kRs});
  const ExportControl control(world.exchange, world.peers);
  ClientSet one(world.peers.size());
  one.insert(kBig);
  const auto rules = control.rules(with({}), one);
  ASSERT_EQ(rules.size(), 1U);
  EXPECT_EQ(rules[0].clients, one);
  EXPECT_TRUE(control.rules(with({}), ClientSet(world.peers.size())).empty());
}

TEST(ExportControlTest, PrependsTheAnnouncersAs) {
  using bgp::community;
  const struct {
    const char* what;
    std::vector<bgp::Community> standard;
    std::vector<bgp::LargeCommunity> large;
    std::size_t prepends;
  } cases[] = {
      {"none", {}, {}, 0},
      {"65511:PEER", {community(65511, 200)}, {}, 1},
      {"65512:PEER", {community(65512, 200)}, {}, 2},
      {"65513:PEER", {community(65513, 200)}, {}, 3},
      {"65513:OTHER", {community(65513, 201)}, {}, 0},
      {"65514 is no prepend", {community(65514, 200)}, {}, 0},
      {"65510 is no prepend", {community(65510, 200)}, {}, 0},
      {"65501:RS", {community(65501, 65000)}, {}, 1},
      {"65502:RS", {community(65502, 65000)}, {}, 2},
      {"65503:RS", {community(65503, 65000)}, {}, 3},
      {"65503 of another exchange", {community(65503, 65001)}, {}, 0},
      {"RS:101:PEER", {}, {{65000, 101, 200}}, 1},
      {"RS:102:PEER", {}, {{65000, 102, 200}}, 2},
      {"RS:103:PEER", {}, {{65000, 103, 200}}, 3},
      {"RS:104:PEER is none", {}, {{65000, 104, 200}}, 0},
      {"RS:102:0", {}, {{65000, 102, 0}}, 2},
      {"another's RS:103:0", {}, {{65001, 103, 0}}, 0},
      {"more before fewer", {}, {{65000, 101, 200}, {65000, 103, 200}, {65000, 102, 200}}, 3},
      {"for all, too", {community(65501, 65000)}, {{65000, 103, 0}}, 3},
      {"a peer before all", {}, {{65000, 103, 0}, {65000, 101, 200}}, 1},
      {"in both forms", {community(65503, 65000), community(65511, 200)}, {}, 1},
      {"not to a peer", {}, {{65000, 103, 0}, {65000, 100, 200}}, 0},
      {"do not before do", {community(65513, 200)}, {{65000, 100, 200}}, 0},
      {"RS:100:0 names nobody", {}, {{65000, 103, 0}, {65000, 100, 0}}, 3},
  };
  const World world(net::Asn{kRs});
  for (const auto& [what, standard, large, prepends] : cases) {
    SCOPED_TRACE(what);
    const auto heard = told(world, with(standard, large), kAs200);
    ASSERT_TRUE(heard);
    bgp::AsPath expected = path({100, 7});
    expected.prepend(net::Asn{100}, prepends);
    EXPECT_EQ(heard->as_path, expected);
  }
}

TEST(ExportControlTest, APathThatBeginsWithASetHasNobodyToPrepend) {
  const World world(net::Asn{kRs});
  bgp::PathAttributes attributes = with({}, {{65000, 103, 0}});
  attributes.as_path.segments[0].kind = bgp::AsPathSegment::Kind::kSet;
  EXPECT_EQ(told(world, attributes, kAs300)->as_path, attributes.as_path);
}

TEST(ExportControlTest, AddsNoExportAndNoAdvertiseOnce) {
  using bgp::community;
  using Communities = std::vector<bgp::Community>;
  const World world(net::Asn{kRs});
  EXPECT_EQ(told(world, with({community(65281, 200)}), kAs200)->communities,
            Communities{bgp::kNoExport});
  EXPECT_EQ(told(world, with({community(65281, 200)}), kAs300)->communities, Communities{});
  EXPECT_EQ(told(world, with({}, {{65000, 65282, 4'200'000'001}}), kBig)->communities,
            Communities{bgp::kNoAdvertise});
  EXPECT_EQ(told(world, with({}, {{65000, 65281, 200}, {65000, 65282, 200}}), kAs200)->communities,
            (Communities{bgp::kNoExport, bgp::kNoAdvertise}));
  EXPECT_EQ(told(world, with({bgp::kNoExport, community(65281, 200)}), kAs200)->communities,
            Communities{bgp::kNoExport});
}

// RFC 7999 §3.2: "SHOULD add the NO_ADVERTISE or NO_EXPORT community".
TEST(ExportControlTest, Rfc7999_3_2_BlackholesStayWithTheClients) {
  using Communities = std::vector<bgp::Community>;
  const World world(net::Asn{kRs});
  EXPECT_EQ(told(world, with({bgp::kBlackhole}), kAs200)->communities,
            (Communities{bgp::kBlackhole, bgp::kNoExport}));
  EXPECT_EQ(told(world, with({bgp::kBlackhole, bgp::kNoAdvertise}), kAs200)->communities,
            (Communities{bgp::kBlackhole, bgp::kNoAdvertise}));
  EXPECT_FALSE(told(world, with({bgp::kBlackhole, bgp::community(0, 200)}), kAs200));
}

TEST(ExportControlTest, Rfc9234_5_ClientsWithARoleAreToldOtc) {
  const World world(net::Asn{kRs});
  EXPECT_EQ(told(world, with({}), kAs200)->only_to_customer, net::Asn{kRs});
  EXPECT_EQ(told(world, with({}), kNoRole)->only_to_customer, std::nullopt);
}

// "Once the OTC Attribute has been set, it MUST be preserved unchanged."
TEST(ExportControlTest, Rfc9234_5_OtcIsKept) {
  const World world(net::Asn{kRs});
  bgp::PathAttributes attributes = with({});
  attributes.only_to_customer = net::Asn{100};
  EXPECT_EQ(told(world, attributes, kAs200)->only_to_customer, net::Asn{100});
  EXPECT_EQ(told(world, attributes, kNoRole)->only_to_customer, net::Asn{100});
}

TEST(ExportControlTest, ScrubsWhatSpeaksToTheRouteServerAndNothingElse) {
  using bgp::community;
  const World world(net::Asn{kRs});
  const ExportControl control(world.exchange, world.peers);
  const bgp::PathAttributes attributes{
      .med = 7,
      .communities = {community(0, 201), community(65000, 1), community(100, 7), bgp::kNoExport,
                      community(65511, 9), community(65503, 65000), community(65503, 65001),
                      community(65281, 9), community(65282, 9), bgp::kBlackhole,
                      bgp::kGracefulShutdown},
      .extended_communities = {{0x0002'0064'0000'0007}},
      .large_communities = {{65000, 0, 201}, {100, 1, 2}, {65000, 1000, 1}, {65000, 1101, 13}}};
  EXPECT_FALSE(control.is_plain(attributes));
  const auto scrubbed = control.exported(attributes, {});
  EXPECT_EQ(scrubbed.communities,
            (std::vector<bgp::Community>{community(100, 7), bgp::kNoExport, community(65503, 65001),
                                         bgp::kBlackhole, bgp::kGracefulShutdown}));
  EXPECT_EQ(scrubbed.large_communities, (std::vector<bgp::LargeCommunity>{{100, 1, 2}}));
  EXPECT_EQ(scrubbed.extended_communities, attributes.extended_communities);
  EXPECT_EQ(scrubbed.med, attributes.med);
  EXPECT_TRUE(control.is_plain(scrubbed));
  EXPECT_EQ(control.exported(scrubbed, {}), scrubbed);
}

// The header's table, read for one client.
class Reader {
 public:
  Reader(const bgp::PathAttributes& attributes, std::uint32_t rs, std::uint32_t client)
      : attributes_(&attributes), rs_(rs), client_(client) {}

  bool may_hear() const {
    if (attributes_->as_path.contains(net::Asn{client_})) return false;
    if (standard(0, client_) && client_ != rs_) return false;
    if (large(0, client_)) return false;
    if ((standard(rs_, client_) && client_ != rs_) || large(1, client_)) return true;
    return !standard(0, rs_) && !large(0, 0);
  }

  std::size_t prepends() const {
    if (large(100, client_)) return 0;
    for (std::uint32_t n = 3; n > 0; --n) {
      if (standard(65510 + n, client_) || large(100 + n, client_)) return n;
    }
    for (std::uint32_t n = 3; n > 0; --n) {
      if (standard(65500 + n, rs_) || large(100 + n, 0)) return n;
    }
    return 0;
  }

  bool is_asked(std::uint32_t word) const {
    return standard(word, client_) || large(word, client_);
  }

 private:
  bool standard(std::uint32_t high, std::uint32_t low) const {
    if (high > 65535 || low > 65535) return false;
    const bgp::Community wanted{high << 16U | low};
    return std::ranges::count(attributes_->communities, wanted) > 0;
  }
  bool large(std::uint32_t order, std::uint32_t peer) const {
    const bgp::LargeCommunity wanted{rs_, order, peer};
    return std::ranges::count(attributes_->large_communities, wanted) > 0;
  }

  const bgp::PathAttributes* attributes_;
  std::uint32_t rs_;
  std::uint32_t client_;
};

class Random {
 public:
  explicit Random(std::uint32_t seed) : generator_(seed) {}

  std::uint32_t below(std::uint32_t bound) {
    return std::uniform_int_distribution<std::uint32_t>(0, bound - 1)(generator_);
  }
  std::uint32_t one_of(const std::vector<std::uint32_t>& values) {
    return values[below(static_cast<std::uint32_t>(values.size()))];
  }

  bgp::PathAttributes attributes(std::uint32_t rs) {
    bgp::PathAttributes made{.as_path = path({100})};
    if (below(4) == 0) made.as_path.segments[0].asns.push_back({one_of({200, 300, 9})});
    const std::uint32_t rs16 = rs & 0xffffU;
    for (auto left = below(6); left > 0; --left) {
      const auto high = one_of({0, 0, rs16, rs16, 65281, 65282, 65501, 65502, 65503, 65511, 65512,
                                65513, 65510, 65514, 100});
      made.communities.push_back({high << 16U | one_of({200, 300, 400, rs16, 0, 9})});
    }
    if (below(8) == 0) made.communities.push_back(bgp::kNoExport);
    if (below(8) == 0) made.communities.push_back(bgp::kNoAdvertise);
    for (auto left = below(6); left > 0; --left) {
      made.large_communities.push_back(
          {one_of({rs, rs, rs, 9}), one_of({0, 1, 99, 100, 101, 102, 103, 104, 65281, 65282, 1000}),
           one_of({0, 200, 300, 400, 4'200'000'001, 9, rs})});
    }
    if (below(6) == 0) made.only_to_customer = net::Asn{7};
    return made;
  }

 private:
  std::mt19937 generator_;
};

// What the client with this number should be told, by the table.
std::optional<bgp::PathAttributes> by_table(const World& world, const ExportControl& control,
                                            const bgp::PathAttributes& attributes,
                                            const Peer& client) {
  const Reader reader(attributes, world.exchange.asn.value, client.asn.value);
  if (!reader.may_hear()) return std::nullopt;
  bgp::PathAttributes wanted = control.exported(attributes, {});
  wanted.as_path.prepend(net::Asn{100}, reader.prepends());
  const auto add = [&](bgp::Community community) {
    if (std::ranges::count(wanted.communities, community) == 0) {
      wanted.communities.push_back(community);
    }
  };
  if (reader.is_asked(65281)) add(bgp::kNoExport);
  if (reader.is_asked(65282)) add(bgp::kNoAdvertise);
  const bool role = world.exchange.participant(client.participant).session.role;
  if (role && !wanted.only_to_customer) wanted.only_to_customer = world.exchange.asn;
  return wanted;
}

void expect_rules_follow_the_table(const World& world, const bgp::PathAttributes& attributes) {
  const ExportControl control(world.exchange, world.peers);
  const auto rules = control.rules(attributes, world.everyone());
  for (const ExportRule& rule : rules) {
    EXPECT_FALSE(rule.clients.empty());
    EXPECT_EQ(std::ranges::count(rules, rule.treatment, &ExportRule::treatment), 1);
  }
  for (const Peer& client : world.peers) {
    SCOPED_TRACE(client.asn.value);
    const auto hears = [&](const ExportRule& rule) { return rule.clients.contains(client.id); };
    EXPECT_LE(std::ranges::count_if(rules, hears), 1);
    EXPECT_EQ(told(world, attributes, client.id), by_table(world, control, attributes, client));
  }
}

TEST(ExportControlTest, RulesFollowTheTableWhateverTheCommunities) {
  // A 16-bit and a 32-bit route server, and one whose AS is an order too.
  for (const std::uint32_t rs : {65000U, 4'200'000'000U, 65501U, 65281U}) {
    const World world(net::Asn{rs});
    for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
      SCOPED_TRACE(testing::Message() << "route server " << rs << ", seed " << seed);
      expect_rules_follow_the_table(world, Random(seed).attributes(rs));
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(ExportControlTest, NamesTheCommunityThatKeepsARouteFromAClient) {
  const World world(net::Asn{kRs});
  const ExportControl control(world.exchange, world.peers);
  using bgp::community;
  const auto keeping = [&](const bgp::PathAttributes& attributes, std::uint32_t client) {
    return control.keeping(attributes, net::Asn{client});
  };
  using Any = ExportControl::AnyCommunity;
  EXPECT_EQ(keeping(with({community(0, 200)}), 200), Any(community(0, 200)));
  EXPECT_EQ(keeping(with({community(0, 200)}), 300), std::nullopt);
  EXPECT_EQ(keeping(with({community(0, kRs)}), 300), Any(community(0, kRs)));
  EXPECT_EQ(keeping(with({community(0, kRs), community(kRs, 300)}), 300), std::nullopt);
  EXPECT_EQ(keeping(with({community(0, kRs)}, {{kRs, 0, 200}}), 200),
            Any(bgp::LargeCommunity{kRs, 0, 200}));
  EXPECT_EQ(keeping(with({}, {{kRs, 0, 0}, {kRs, 1, 4'200'000'001}}), 4'200'000'001), std::nullopt);
}

TEST(ExportControlTest, NamesACommunityExactlyWhereARouteIsKeptByOne) {
  constexpr unsigned kSeed = 20261121;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const World world(net::Asn{kRs});
  const ExportControl control(world.exchange, world.peers);
  const std::uint16_t high[] = {0, kRs, 1};
  const std::uint32_t order[] = {0, 1, 2};
  const std::uint32_t low[] = {200, 300, 400, kRs, 0};
  for (int round = 0; round < 2000; ++round) {
    std::vector<bgp::Community> standard;
    std::vector<bgp::LargeCommunity> large;
    for (auto i = random() % 4; i > 0; --i) {
      standard.push_back(
          bgp::community(high[random() % 3], static_cast<std::uint16_t>(low[random() % 5])));
    }
    for (auto i = random() % 3; i > 0; --i) {
      large.push_back({kRs, order[random() % 3], low[random() % 5]});
    }
    const auto attributes = with(standard, large);
    for (const PeerId client : {kAs200, kAs300, kBig, kNoRole}) {
      ClientSet alone;
      alone.insert(client);
      EXPECT_EQ(control.rules(attributes, alone).empty(),
                control.keeping(attributes, world.peers[client.index()].asn).has_value());
    }
  }
}

}  // namespace
}  // namespace fabrix::routeserver
