#include "rpki/origin_validation.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

// RFC 6811 §2.1, word for word and slow.
OriginState oracle(const std::vector<Vrp>& vrps, const net::Prefix& route,
                   std::optional<net::Asn> origin) {
  bool covered = false;
  for (const Vrp& vrp : vrps) {
    if (!vrp.prefix.contains(route)) continue;
    covered = true;
    const bool matched =
        route.length() <= vrp.max_length && origin && *origin == vrp.asn && *origin != kAsZero;
    if (matched) return OriginState::kValid;
  }
  return covered ? OriginState::kInvalid : OriginState::kNotFound;
}

struct Row {
  const char* route = "";
  std::optional<net::Asn> origin;
  OriginState state = OriginState::kNotFound;
  std::optional<InvalidReason> reason;
};

void expect(const VrpTable& table, const Row& row) {
  SCOPED_TRACE(row.route);
  const net::Prefix route = prefix(row.route);
  EXPECT_EQ(table.validate(route, row.origin), row.state);
  const Explanation explanation = table.explain(route, row.origin);
  EXPECT_EQ(explanation.state, row.state);
  EXPECT_EQ(explanation.reason, row.reason);
}

constexpr std::optional<net::Asn> kNoOrigin;
constexpr std::optional<net::Asn> kA = net::Asn{64500};
constexpr std::optional<net::Asn> kB = net::Asn{64501};

TEST(VrpTableTest, Rfc6811_2_JudgesByOriginAndLength) {
  const VrpTable table = VrpTable::build(
      {vrp("10.0.0.0/16", 64500, 20), vrp("10.0.0.0/16", 64501), vrp("2001:db8::/32", 64500, 48)});
  const Row rows[] = {
      {"10.0.0.0/16", kA, OriginState::kValid, {}},
      {"10.0.16.0/20", kA, OriginState::kValid, {}},
      {"10.0.16.0/21", kA, OriginState::kInvalid, InvalidReason::kLength},
      {"10.0.0.0/16", kB, OriginState::kValid, {}},
      {"10.0.0.0/17", kB, OriginState::kInvalid, InvalidReason::kLength},
      {"10.0.0.0/16", net::Asn{7}, OriginState::kInvalid, InvalidReason::kOrigin},
      {"10.0.0.0/15", kA, OriginState::kNotFound, {}},
      {"10.1.0.0/16", kA, OriginState::kNotFound, {}},
      {"9.255.0.0/16", kA, OriginState::kNotFound, {}},
      {"2001:db8:1::/48", kA, OriginState::kValid, {}},
      {"2001:db8:1::/49", kA, OriginState::kInvalid, InvalidReason::kLength},
      {"2001:db9::/32", kA, OriginState::kNotFound, {}},
  };
  for (const Row& row : rows) expect(table, row);
}

TEST(VrpTableTest, Rfc6811_2_ARouteWithoutOneOriginIsNeverValid) {
  const VrpTable table = VrpTable::build({vrp("10.0.0.0/16", 64500), vrp("10.0.0.0/16", 0)});
  expect(table, {"10.0.0.0/16", kNoOrigin, OriginState::kInvalid, InvalidReason::kOrigin});
  expect(table, {"10.1.0.0/16", kNoOrigin, OriginState::kNotFound, {}});
}

TEST(VrpTableTest, Rfc6483_4_AsZeroCoversAndNeverMatches) {
  const VrpTable table = VrpTable::build({vrp("10.0.0.0/16", 0, 32), vrp("10.0.1.0/24", 64500)});
  expect(table, {"10.0.0.0/16", net::Asn{0}, OriginState::kInvalid, InvalidReason::kOrigin});
  expect(table, {"10.0.0.0/24", kA, OriginState::kInvalid, InvalidReason::kOrigin});
  // Another VRP may still make it valid.
  expect(table, {"10.0.1.0/24", kA, OriginState::kValid, {}});
}

TEST(VrpTableTest, TheDefaultRouteAndTheLastAddressHaveTheirPlace) {
  const VrpTable table = VrpTable::build({vrp("0.0.0.0/0", 64500), vrp("255.255.255.255/32", 64501),
                                          vrp("ffff::/16", 64500, 128), vrp("::/0", 64501)});
  expect(table, {"0.0.0.0/0", kA, OriginState::kValid, {}});
  expect(table, {"255.255.255.255/32", kB, OriginState::kValid, {}});
  expect(table, {"255.255.255.254/32", kA, OriginState::kInvalid, InvalidReason::kLength});
  expect(table, {"ffff:1::/32", kA, OriginState::kValid, {}});
  expect(table, {"::/0", kB, OriginState::kValid, {}});
}

TEST(VrpTableTest, AnEmptyTableFindsNothing) {
  const VrpTable table;
  EXPECT_TRUE(table.empty());
  expect(table, {"10.0.0.0/16", kA, OriginState::kNotFound, {}});
  expect(VrpTable::build({}), {"::/0", kNoOrigin, OriginState::kNotFound, {}});
}

TEST(VrpTableTest, ExplainsByTheCoveringVrpsLongestFirst) {
  const VrpTable table =
      VrpTable::build({vrp("10.0.0.0/8", 1, 16), vrp("10.1.0.0/16", 2), vrp("10.1.0.0/16", 3, 24),
                       vrp("10.1.2.0/24", 4), vrp("10.2.0.0/16", 5)});
  EXPECT_EQ(table.explain(prefix("10.1.3.0/24"), net::Asn{2}),
            (Explanation{.state = OriginState::kInvalid,
                         .reason = InvalidReason::kLength,
                         .covering = {vrp("10.1.0.0/16", 2), vrp("10.1.0.0/16", 3, 24),
                                      vrp("10.0.0.0/8", 1, 16)}}));
  EXPECT_EQ(to_string(OriginState::kInvalid), "invalid");
  EXPECT_EQ(to_string(InvalidReason::kLength), "longer than the maximum length");
}

TEST(VrpTableTest, OrderAndRepetitionOfTheInputDoNotMatter) {
  std::vector<Vrp> vrps{vrp("2001:db8::/32", 3), vrp("10.0.0.0/8", 2), vrp("10.0.0.0/8", 1),
                        vrp("10.0.0.0/8", 2)};
  const VrpTable table = VrpTable::build(vrps);
  EXPECT_EQ(table.size(), 3U);
  std::ranges::sort(vrps);
  vrps.erase(std::unique(vrps.begin(), vrps.end()), vrps.end());
  EXPECT_EQ(table.vrps(), vrps);
}

// Few address bits, so that blocks nest and collide.
net::Prefix random_prefix(std::mt19937& random) {
  const bool v4 = draw(random, 2) == 0;
  const auto high = static_cast<std::uint8_t>(draw(random, 4) * 64 + draw(random, 4));
  const auto low = static_cast<std::uint8_t>(draw(random, 4) * 64);
  const net::IpAddress address = v4 ? net::IpAddress::v4({high, low, low, high})
                                    : net::IpAddress::v6({high, low, low, high, 0, 0, 0, 0, low});
  const unsigned length = draw(random, net::width_of(address.family()) + 1);
  return net::Prefix::containing(address, draw(random, 2) == 0 ? length : length % 33).value();
}

TEST(VrpTableTest, AgreesWithTheDefinitionOnRandomTables) {
  constexpr unsigned kSeed = 6811;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 200; ++round) {
    std::vector<Vrp> vrps;
    for (auto size = draw(random, 60); size > 0; --size) {
      const net::Prefix block = random_prefix(random);
      const unsigned spare = net::width_of(block.family()) - block.length();
      const auto longest = static_cast<std::uint8_t>(block.length() + draw(random, spare + 1));
      vrps.push_back({block, longest, net::Asn{draw(random, 4)}});
    }
    const VrpTable table = VrpTable::build(vrps);
    for (int i = 0; i < 100; ++i) {
      const net::Prefix route = random_prefix(random);
      std::optional<net::Asn> origin = net::Asn{draw(random, 4)};
      if (draw(random, 8) == 0) origin.reset();
      ASSERT_EQ(table.validate(route, origin), oracle(vrps, route, origin))
          << "round " << round << " route " << route.to_string();
    }
  }
}

TEST(VrpTableTest, TakesAboutFortyOctetsAVrp) {
  std::vector<Vrp> vrps;
  for (std::uint32_t i = 0; i < 100'000; ++i) {
    const auto octet = [i](unsigned shift) {
      return static_cast<std::uint8_t>(i >> shift & 0xffU);
    };
    const auto address = net::IpAddress::v4({octet(16), octet(8), octet(0), 0});
    vrps.push_back({net::Prefix::containing(address, 24).value(), 24, net::Asn{i}});
  }
  const VrpTable table = VrpTable::build(std::move(vrps));
  EXPECT_EQ(table.size(), 100'000U);
  EXPECT_LT(table.memory(), 100'000U * 44);
}

}  // namespace
}  // namespace fabrix::rpki
