#include "compiler/vnh_pool.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

ClassKey key(unsigned best) {
  return {.best = router(best), .units = {}};
}
net::MacAddress tag(unsigned i) {
  return net::MacAddress::from_u64(0x020000000000 + i);
}

// A pool and the classes that hold an address of it.
struct Pool {
  VnhPool pool;
  std::map<unsigned, net::IpAddress> bound;
};

Pool pool_of(const std::string& range) {
  const std::vector<net::Prefix> ranges{prefix(range)};
  return {.pool = {ranges, ranges.front().family()}, .bound = {}};
}

// From now on exactly these classes are in use.
std::vector<std::optional<net::IpAddress>> round(Pool& of, const std::vector<unsigned>& used,
                                                 VnhPool::Clock::time_point now) {
  auto& [pool, bound] = of;
  std::vector<std::optional<net::IpAddress>> addresses;
  for (const unsigned i : used) addresses.push_back(pool.bind(key(i), tag(i), now));
  for (const auto& [i, address] : bound) {
    if (std::ranges::find(used, i) == used.end()) pool.release(address, now);
  }
  bound.clear();
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (addresses[i]) bound.emplace(used[i], *addresses[i]);
  }
  return addresses;
}

TEST(VnhPool, LeavesOutNetworkAndBroadcastAddresses) {
  Pool pool = pool_of("10.0.0.0/29");
  EXPECT_EQ(pool.pool.size(), 6U);
  std::set<net::IpAddress> seen;
  for (const auto& each : round(pool, {1, 2, 3, 4, 5, 6}, at(seconds(0)))) {
    ASSERT_TRUE(each);
    seen.insert(*each);
  }
  EXPECT_EQ(*seen.begin(), ip("10.0.0.1"));
  EXPECT_EQ(*seen.rbegin(), ip("10.0.0.6"));
  EXPECT_EQ(seen.size(), 6U);
}

TEST(VnhPool, TakesSmallRangesWhole) {
  EXPECT_EQ(pool_of("10.0.0.0/31").pool.size(), 2U);
  Pool single = pool_of("2001:db8::7/128");
  EXPECT_EQ(round(single, {1}, at(seconds(0))).front(), ip("2001:db8::7"));
}

TEST(VnhPool, BoundsHugeRanges) {
  Pool pool = pool_of("2001:db8::/64");
  EXPECT_EQ(pool.pool.size(), VnhPool::kMaxSlots);
  const auto address = round(pool, {1}, at(seconds(0))).front();
  ASSERT_TRUE(address);
  EXPECT_TRUE(prefix("2001:db8::/64").contains(*address));
  EXPECT_NE(*address, ip("2001:db8::"));
}

TEST(VnhPool, JoinsRangesOfItsFamily) {
  const std::vector<net::Prefix> ranges{prefix("10.0.0.0/30"), prefix("2001:db8::/64"),
                                        prefix("10.9.0.0/30")};
  Pool pool{.pool = {ranges, net::Family::kIpv4}, .bound = {}};
  EXPECT_EQ(pool.pool.size(), 4U);
  std::set<net::IpAddress> seen;
  for (const auto& each : round(pool, {1, 2, 3, 4}, at(seconds(0)))) seen.insert(each.value());
  EXPECT_EQ(seen, (std::set{ip("10.0.0.1"), ip("10.0.0.2"), ip("10.9.0.1"), ip("10.9.0.2")}));
}

TEST(VnhPool, AClassKeepsItsAddressEvenAcrossDisuse) {
  Pool pool = pool_of("10.0.0.0/24");
  const auto first = round(pool, {1, 2, 3}, at(seconds(0)));
  round(pool, {}, at(seconds(1)));
  EXPECT_EQ(round(pool, {3, 2, 1}, at(hours(100))).front(), first.back());
  EXPECT_EQ(pool.pool.neighbors().size(), 3U);
}

TEST(VnhPool, AnotherTagMeansAnotherAddress) {
  Pool pool = pool_of("10.0.0.0/24");
  const auto before = pool.pool.bind(key(1), tag(1), at(seconds(0)));
  const auto after = pool.pool.bind(key(1), tag(2), at(seconds(0)));
  EXPECT_NE(before, after);
  EXPECT_EQ(pool.pool.neighbors().size(), 2U);
}

TEST(VnhPool, AFullPoolRecyclesOnlyAfterQuarantine) {
  Pool pool = pool_of("10.0.0.0/30");
  const auto first = round(pool, {1, 2}, at(seconds(0)));
  EXPECT_EQ(round(pool, {2, 3}, at(seconds(10))).back(), std::nullopt);
  const auto just_before = at(seconds(10)) + VnhPool::kQuarantine - seconds(1);
  EXPECT_EQ(round(pool, {2, 3}, just_before).back(), std::nullopt);
  const auto later = round(pool, {2, 3}, just_before + seconds(1));
  EXPECT_EQ(later, (std::vector{first[1], first[0]}));
}

TEST(VnhPool, AnAddressInUseIsNeverRecycled) {
  Pool pool = pool_of("10.0.0.0/30");
  round(pool, {1, 2}, at(seconds(0)));
  round(pool, {1, 2}, at(hours(50)));
  EXPECT_EQ(round(pool, {1, 2, 3}, at(hours(100))).back(), std::nullopt);
}

TEST(VnhPool, WithoutRangesNothingIsBound) {
  Pool pool{.pool = {{}, net::Family::kIpv4}, .bound = {}};
  EXPECT_EQ(round(pool, {1}, at(seconds(0))).front(), std::nullopt);
}

TEST(VnhPool, AddressesDoNotDependOnTheOrderOfClassesInARoomyPool) {
  Pool one = pool_of("10.0.0.0/16");
  Pool other = pool_of("10.0.0.0/16");
  auto forwards = round(one, {1, 2, 3, 4}, at(seconds(0)));
  const auto backwards = round(other, {4, 3, 2, 1}, at(seconds(0)));
  std::ranges::reverse(forwards);
  EXPECT_EQ(forwards, backwards);
}

}  // namespace
}  // namespace fabrix::compiler
