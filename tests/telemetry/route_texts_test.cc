#include "telemetry/route_texts.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/route_table.h"
#include "telemetry/route_view.h"

namespace fabrix::telemetry {
namespace {

RouteInfo route(std::string as_path, std::string communities) {
  return {.next_hop = net::IpAddress::parse("2001:db8::7"),
          .as_path = std::move(as_path),
          .neighbor_as = 65254,
          .origin_as = 64700,
          .communities = std::move(communities),
          .local_pref = 100};
}

void expect_same(const RouteTexts& texts, const RouteInfo& of) {
  EXPECT_EQ(texts.next_hop, of.next_hop);
  EXPECT_EQ(texts.as_path(), of.as_path);
  EXPECT_EQ(texts.neighbor_as, of.neighbor_as);
  EXPECT_EQ(texts.origin_as, of.origin_as);
  EXPECT_EQ(texts.communities(), of.communities);
  EXPECT_EQ(texts.local_pref, of.local_pref);
}

TEST(RouteTexts, AreWhatTheRouteSays) {
  RouteTextsPool pool;
  constexpr std::size_t kMost = RouteTexts::kMost;
  for (const auto& [path, communities] : std::vector<std::pair<std::size_t, std::size_t>>{
           {0, 0}, {17, 7}, {kMost, 0}, {0, kMost}, {40, kMost - 40}}) {
    const RouteInfo info = route(std::string(path, '1'), std::string(communities, '2'));
    const RouteTexts* const texts = pool.take(info);
    ASSERT_NE(texts, nullptr);
    expect_same(*texts, info);
    pool.give_back(info);
  }
  const RouteInfo empty;
  expect_same(*pool.take(empty), empty);
}

TEST(RouteTexts, AreLongWhereTheyGoOnInTheSecondLine) {
  RouteTextsPool pool;
  for (std::size_t size = 0; size <= RouteTexts::kMost; ++size) {
    const RouteInfo info = route(std::string(size / 3, '1'), std::string(size - size / 3, '2'));
    const RouteTexts& texts = *pool.take(info);
    const char* const end = texts.communities().data() + texts.communities().size();
    const auto* const begin = static_cast<const char*>(static_cast<const void*>(&texts));
    EXPECT_EQ(texts.is_long(), end > begin + kCacheLine) << size;
    pool.give_back(info);
  }
}

TEST(RouteTexts, AreNotOfLongTexts) {
  RouteTextsPool pool;
  for (const RouteInfo& info : {route(std::string(RouteTexts::kMost, '1'), "2"),
                                route("1", std::string(RouteTexts::kMost, '2')),
                                route(std::string(100'000, '1'), std::string(100'000, '2'))}) {
    EXPECT_EQ(pool.take(info), nullptr);
    EXPECT_EQ(pool.take(info), nullptr);
    EXPECT_EQ(pool.size(), 1U);
    pool.give_back(info);
    pool.give_back(info);
  }
  EXPECT_EQ(pool.size(), 0U);
}

TEST(RouteTexts, AreOnePerRouteAsLongAsItIsUsed) {
  RouteTextsPool pool;
  const RouteInfo one = route("1", "2");
  const RouteInfo other = route("3", "4");
  const RouteTexts* const first = pool.take(one);
  EXPECT_EQ(pool.take(one), first);
  const RouteTexts* const second = pool.take(other);
  EXPECT_NE(second, first);
  EXPECT_EQ(pool.size(), 2U);
  pool.give_back(one);
  expect_same(*first, one);
  expect_same(*second, other);
  pool.give_back(one);
  pool.give_back(other);
  EXPECT_EQ(pool.size(), 0U);
}

// Whose memory is used again by others.
TEST(RouteTexts, OfATableAreItsRoutesThroughRandomChanges) {
  std::mt19937_64 random(20261123);  // NOLINT(cert-msc51-cpp): the same every time
  RouteTable table;
  std::vector<net::Prefix> prefixes;
  std::vector<RouteInfoPtr> routes(16);
  for (unsigned n = 0; n < 64; ++n) {
    const auto address = net::IpAddress::v4({10, static_cast<std::uint8_t>(n), 0, 0});
    prefixes.push_back(net::Prefix::containing(address, 16).value());
  }
  for (int round = 0; round < 5000; ++round) {
    RouteInfoPtr& one = routes[random() % routes.size()];
    if (one == nullptr || random() % 8 == 0) {
      one = std::make_shared<const RouteInfo>(
          route(std::string(random() % 120, '1'), std::to_string(round)));
    }
    const net::Prefix& where = prefixes[random() % prefixes.size()];
    if (random() % 4 == 0) {
      table.erase(where);
    } else {
      table.insert(where, one);
    }
    const auto match = table.match(prefixes[random() % prefixes.size()].address());
    if (!match) continue;
    const bool is_short =
        match->route->as_path.size() + match->route->communities.size() <= RouteTexts::kMost;
    ASSERT_EQ(match->texts != nullptr, is_short);
    if (is_short) expect_same(*match->texts, *match->route);
    ASSERT_EQ(match->as_path(), match->route->as_path);
    ASSERT_EQ(match->communities(), match->route->communities);
    ASSERT_EQ(match->origin_as(), match->route->origin_as);
  }
}

}  // namespace
}  // namespace fabrix::telemetry
