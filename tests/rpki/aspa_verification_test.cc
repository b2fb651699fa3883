#include "rpki/aspa_verification.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

constexpr auto kUp = PathDirection::kUpstream;
constexpr auto kDown = PathDirection::kDownstream;
constexpr auto kValid = PathState::kValid;
constexpr auto kUnknown = PathState::kUnknown;
constexpr auto kInvalid = PathState::kInvalid;

using Path = std::vector<std::uint32_t>;

std::vector<net::Asn> asns(const Path& path) {
  std::vector<net::Asn> result;
  for (const std::uint32_t number : path) result.push_back(net::Asn{number});
  return result;
}

struct Row {
  Path path;  // the neighbour first
  PathDirection direction;
  PathState state;
};

void expect_all(const AspaTable& table, const std::vector<Row>& rows) {
  for (const auto& [path, direction, state] : rows) {
    std::string text = direction == kUp ? "up:" : "down:";
    for (const std::uint32_t asn : path) text += " " + std::to_string(asn);
    EXPECT_EQ(to_string(table.verify(asns(path), direction)), to_string(state)) << text;
  }
}

// The topology of benmaddison/aspa-fuzz that OpenBGPD's regression test uses: 1 has providers 4, 5
// and 6, and so on; 6, 7, 19 and 22 have no ASPA.
AspaTable small_world() {
  return AspaTable::build(
      {aspa(1, {4, 5, 6}),   aspa(2, {10, 11}), aspa(3, {1, 13, 14}), aspa(4, {16, 24}),
       aspa(5, {1, 17, 25}), aspa(8, {0}),      aspa(9, {2}),         aspa(10, {0}),
       aspa(11, {2}),        aspa(12, {3}),     aspa(13, {0}),        aspa(14, {3, 25}),
       aspa(15, {4}),        aspa(16, {4}),     aspa(17, {5}),        aspa(18, {6}),
       aspa(20, {19}),       aspa(21, {0}),     aspa(23, {22}),       aspa(24, {0}),
       aspa(25, {0}),        aspa(26, {5}),     aspa(27, {14})});
}

TEST(AspaVerificationTest, DraftAspaVerification_5_2_AuthorizedSaysWhatTheAspasSay) {
  const AspaTable table = small_world();
  const auto ask = [&](std::uint32_t customer, std::uint32_t provider) {
    return table.authorized(net::Asn{customer}, net::Asn{provider});
  };
  EXPECT_EQ(ask(1, 4), Authorization::kProvider);
  EXPECT_EQ(ask(1, 6), Authorization::kProvider);
  EXPECT_EQ(ask(1, 7), Authorization::kNotProvider);
  EXPECT_EQ(ask(8, 2), Authorization::kNotProvider);
  EXPECT_EQ(ask(6, 1), Authorization::kNoAttestation);
  EXPECT_EQ(ask(42, 1), Authorization::kNoAttestation);
  EXPECT_EQ(AspaTable().authorized(net::Asn{1}, net::Asn{2}), Authorization::kNoAttestation);
}

TEST(AspaVerificationTest, DraftAspaVerification_4_SeveralAspasAreTheirUnionAndAs0IsNobody) {
  const AspaTable table = AspaTable::build({aspa(1, {0}), aspa(1, {3}), aspa(1, {2, 3})});
  EXPECT_EQ(table.size(), 1U);
  EXPECT_EQ(table.aspas(), std::vector{aspa(1, {2, 3})});
  EXPECT_EQ(table.authorized(net::Asn{1}, net::Asn{0}), Authorization::kNotProvider);
  EXPECT_EQ(AspaTable::build({aspa(1, {0})}).aspas(), std::vector{aspa(1, {0})});
  EXPECT_EQ(AspaTable::build({aspa(1, {0})}).authorized(net::Asn{1}, net::Asn{0}),
            Authorization::kNotProvider);
}

TEST(AspaVerificationTest, DraftAspaVerification_5_4_UpstreamPathsOnlyGoUp) {
  expect_all(small_world(), {
                                {{}, kUp, kInvalid},
                                {{2}, kUp, kValid},
                                {{7}, kUp, kValid},
                                {{7, 7, 7}, kUp, kValid},
                                {{2, 8}, kUp, kInvalid},
                                {{2, 9}, kUp, kValid},
                                {{2, 10}, kUp, kInvalid},
                                {{2, 11}, kUp, kValid},
                                {{3, 8}, kUp, kInvalid},
                                {{3, 12}, kUp, kValid},
                                {{3, 13}, kUp, kInvalid},
                                {{3, 14}, kUp, kValid},
                                {{3, 3, 14, 14, 14}, kUp, kValid},
                                {{7, 19}, kUp, kUnknown},
                                {{7, 21}, kUp, kInvalid},
                                {{3, 14, 25}, kUp, kInvalid},
                                {{3, 14, 19}, kUp, kUnknown},
                                {{3, 14, 21}, kUp, kInvalid},
                                {{3, 14, 27}, kUp, kValid},
                                {{7, 19, 22, 21}, kUp, kInvalid},
                            });
}

TEST(AspaVerificationTest, DraftAspaVerification_5_5_DownstreamPathsGoUpAndThenDown) {
  expect_all(small_world(), {
                                {{}, kDown, kInvalid},
                                {{4}, kDown, kValid},
                                {{4, 8}, kDown, kValid},
                                {{4, 15}, kDown, kValid},
                                {{5, 26}, kDown, kValid},
                                {{6, 19}, kDown, kValid},
                                {{6, 19, 20}, kDown, kValid},
                                {{20, 19, 6}, kDown, kValid},
                                {{6, 19, 22, 23}, kDown, kUnknown},
                                {{1, 5, 17, 13, 3, 14, 27}, kDown, kValid},
                                {{27, 14, 3, 13, 17, 5, 1}, kDown, kValid},
                                {{27, 14, 3, 6, 7, 19, 17, 5, 1}, kDown, kInvalid},
                                {{27, 14, 3, 7, 19, 6, 1, 5, 17}, kDown, kUnknown},
                            });
}

// Two chains of customers, 101 - 102 - 103..105 and 201 - 202 - 203..205, and what is between their
// tops: slides-110-sidrops-sriram-aspa-alg-accuracy.
TEST(AspaVerificationTest, DraftAspaVerification_5_5_RampsMayOverlapTouchOrHaveOneHopBetween) {
  const AspaTable table = AspaTable::build(
      {aspa(101, {102}), aspa(102, {103, 104, 105}), aspa(103, {111, 112, 203}), aspa(105, {0}),
       aspa(112, {0}), aspa(113, {104, 105, 204, 205}), aspa(201, {202}),
       aspa(202, {203, 204, 205}), aspa(203, {103, 111, 112}), aspa(205, {0})});
  const struct {
    Path tops;
    PathState state;
  } rows[] = {
      {{203, 103}, kValid},        {{203, 111, 103}, kValid},   {{203, 112, 103}, kValid},
      {{204, 104}, kValid},        {{204, 105}, kValid},        {{205, 104}, kValid},
      {{205, 105}, kValid},        {{205, 111, 105}, kInvalid}, {{205, 112, 105}, kInvalid},
      {{205, 113, 105}, kInvalid}, {{205, 111, 104}, kUnknown}, {{204, 111, 105}, kUnknown},
      {{204, 111, 104}, kUnknown}, {{205, 112, 104}, kUnknown}, {{204, 112, 105}, kUnknown},
      {{204, 112, 104}, kUnknown}, {{205, 113, 104}, kUnknown}, {{204, 113, 105}, kUnknown},
      {{204, 113, 104}, kUnknown},
  };
  for (const auto& [tops, state] : rows) {
    Path path{201, 202};
    path.insert(path.end(), tops.begin(), tops.end());
    path.insert(path.end(), {102, 101});
    expect_all(table, {{path, kDown, state}, {Path(path.rbegin(), path.rend()), kDown, state}});
  }
}

// NIST's demonstration topology: A(65000) has providers C(65020) and D(65030), C has F(65050), D
// has F and G(65060), B(65010) has E(65040), G says it has none; E and F say nothing.
TEST(AspaVerificationTest, NistDemonstrationExamples) {
  const AspaTable table =
      AspaTable::build({aspa(65000, {65020, 65030}), aspa(65010, {65040}), aspa(65020, {65050}),
                        aspa(65030, {65050, 65060}), aspa(65060, {0})});
  expect_all(table, {
                        {{65040, 65060, 65050, 65020, 65000}, kDown, kUnknown},
                        {{65040, 65060, 65030, 65000}, kDown, kValid},
                        {{65050, 65020, 65000}, kUp, kValid},
                        {{65030, 65020, 65000}, kUp, kInvalid},
                    });
}

// What the draft defines, asked hop by hop: a path is possible if there is a top up to which every
// hop may go up and from which, or from its neighbour, every hop may go down.
PathState defined(const AspaTable& table, std::vector<net::Asn> path, PathDirection direction) {
  path.erase(std::unique(path.begin(), path.end()), path.end());
  if (path.empty()) return kInvalid;
  std::ranges::reverse(path);  // the origin first
  const auto goes = [&](std::size_t from, std::size_t to, Authorization least) {
    for (std::size_t i = from; i != to; from < to ? ++i : --i) {
      const Authorization hop = table.authorized(path[i], path[from < to ? i + 1 : i - 1]);
      if (hop == Authorization::kNotProvider) return false;
      if (hop != least && least == Authorization::kProvider) return false;
    }
    return true;
  };
  const auto possible = [&](Authorization least) {
    const std::size_t last = path.size() - 1;
    if (direction == kUp) return goes(0, last, least);
    for (std::size_t top = 0; top <= last; ++top) {
      if (!goes(0, top, least)) continue;
      if (goes(last, top, least) || (top < last && goes(last, top + 1, least))) return true;
    }
    return false;
  };
  if (!possible(Authorization::kNoAttestation)) return kInvalid;
  return possible(Authorization::kProvider) ? kValid : kUnknown;
}

TEST(AspaVerificationTest, AgreesWithTheDefinitionOnRandomPaths) {
  std::mt19937 random(20261121);
  std::array<std::size_t, 3> seen{};
  for (int world = 0; world < 2000; ++world) {
    std::vector<Aspa> aspas;
    for (std::uint32_t customer = 1; customer <= 6; ++customer) {
      if (draw(random, 4) == 0) continue;
      Aspa one = aspa(customer, {});
      for (std::uint32_t provider = 1; provider <= 6; ++provider) {
        if (draw(random, 2) == 0) one.providers.push_back(net::Asn{provider});
      }
      if (one.providers.empty()) one.providers.push_back(kAsZero);
      aspas.push_back(one);
    }
    const AspaTable table = AspaTable::build(aspas);
    for (int i = 0; i < 30; ++i) {
      Path path;
      for (std::uint32_t length = draw(random, 7); length > 0; --length) {
        path.push_back(draw(random, 6) + 1);
      }
      for (const PathDirection direction : {kUp, kDown}) {
        const PathState state = defined(table, asns(path), direction);
        ++seen.at(static_cast<std::size_t>(state));
        ASSERT_EQ(table.verify(asns(path), direction), state) << world;
      }
    }
  }
  for (const std::size_t count : seen) EXPECT_GT(count, 5000U);
}

// A small Internet: whose providers have smaller numbers; neighbours in a level may be peers.
struct Internet {
  std::map<std::uint32_t, std::set<std::uint32_t>> providers;

  explicit Internet(std::mt19937& random) {
    for (std::uint32_t asn = 2; asn <= 12; ++asn) {
      for (std::uint32_t provider = 1; provider < asn; ++provider) {
        if (draw(random, 3) == 0) providers[asn].insert(provider);
      }
    }
  }

  // From `asn` up by so many random steps, or as many as there are.
  Path climb(std::uint32_t asn, std::uint32_t steps, std::mt19937& random) const {
    Path path{asn};
    for (; steps > 0; --steps) {
      const auto found = providers.find(path.back());
      if (found == providers.end()) break;
      auto next = found->second.begin();
      std::advance(next, draw(random, static_cast<std::uint32_t>(found->second.size())));
      path.push_back(*next);
    }
    return path;
  }

  // The ASPA of everyone, or of some.
  AspaTable attested(std::uint32_t one_in, std::mt19937& random) const {
    std::vector<Aspa> aspas;
    for (std::uint32_t asn = 1; asn <= 12; ++asn) {
      if (one_in > 1 && draw(random, one_in) != 0) continue;
      Aspa one = aspa(asn, {});
      if (const auto found = providers.find(asn); found != providers.end()) {
        for (const std::uint32_t provider : found->second) {
          one.providers.push_back(net::Asn{provider});
        }
      } else {
        one.providers.push_back(kAsZero);
      }
      aspas.push_back(one);
    }
    return AspaTable::build(aspas);
  }
};

TEST(AspaVerificationTest, NoPathThatObeysItsAspasIsInvalidHoweverFewThereAre) {
  std::mt19937 random(20261122);
  for (int world = 0; world < 300; ++world) {
    const Internet internet(random);
    const AspaTable all = internet.attested(1, random);
    const AspaTable some = internet.attested(2, random);
    for (int i = 0; i < 30; ++i) {
      const Path up = internet.climb(draw(random, 12) + 1, draw(random, 5), random);
      const Path upstream(up.rbegin(), up.rend());
      EXPECT_EQ(all.verify(asns(upstream), kUp), kValid);
      EXPECT_NE(some.verify(asns(upstream), kUp), kInvalid);
      // Down on the other side of a peering between the tops.
      Path downstream = internet.climb(draw(random, 12) + 1, draw(random, 5), random);
      downstream.insert(downstream.end(), up.rbegin(), up.rend());
      EXPECT_EQ(all.verify(asns(downstream), kDown), kValid);
      EXPECT_NE(some.verify(asns(downstream), kDown), kInvalid);
    }
  }
}

TEST(AspaVerificationTest, RouteLeakedByACustomerToUsIsInvalid) {
  std::mt19937 random(20261123);
  int leaks = 0;
  for (int world = 0; world < 300; ++world) {
    const Internet internet(random);
    const AspaTable all = internet.attested(1, random);
    for (const auto& [leaker, its_providers] : internet.providers) {
      // RFC 7908 §3.4: what it heard from a provider it tells us as its own customer's.
      const Path path{leaker, *its_providers.begin()};
      const auto above = internet.providers.find(*its_providers.begin());
      const bool mutual = above != internet.providers.end() && above->second.contains(leaker);
      EXPECT_EQ(all.verify(asns(path), kUp), mutual ? kValid : kInvalid);
      ++leaks;
    }
  }
  EXPECT_GT(leaks, 1000);
}

TEST(AspaVerificationTest, TheTableGivesBackWhatItWasMadeOf) {
  const AspaTable table = small_world();
  EXPECT_EQ(AspaTable::build(table.aspas()), table);
  EXPECT_EQ(table.size(), 23U);
  EXPECT_EQ(table.aspas().front(), aspa(1, {4, 5, 6}));
}

}  // namespace
}  // namespace fabrix::rpki
