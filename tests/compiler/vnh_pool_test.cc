#include "compiler/vnh_pool.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

net::MacAddress tag(unsigned i) {
  return net::MacAddress::from_u64(0x020000000000 + i);
}

// A pool and the classes that know their bindings, by number.
struct Pool {
  Pool(const std::vector<net::Prefix>& ranges, net::Family family) : pool(ranges, family) {}
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  Pool(Pool&&) = delete;
  Pool& operator=(Pool&&) = delete;
  ~Pool() = default;

  std::optional<VnhPool::Bound> bind(unsigned to, net::MacAddress tag,
                                     VnhPool::Clock::time_point now) {
    for (const VnhPool::Forgotten& each : pool.forget_quiet(now)) {
      const unsigned owner = each.owner.value;
      if (known.at(owner) == each.bound && each.left) known.at(owner) = *each.left;
      if (!each.left) known.erase(owner);
      forgotten.insert(pool.address_of(each.bound));
    }
    const auto one = known.find(to);
    const auto now_bound =
        pool.bind({.owner = ClassId{to},
                   .place = to * std::uint64_t{7919},
                   .tag = tag,
                   .known = one != known.end() ? std::optional(one->second) : std::nullopt});
    if (now_bound) known.insert_or_assign(to, *now_bound);
    return now_bound;
  }
  std::optional<net::IpAddress> address_of(const std::optional<VnhPool::Bound>& one) const {
    return one ? std::optional(pool.address_of(*one)) : std::nullopt;
  }

  VnhPool pool;
  std::map<unsigned, VnhPool::Bound> known;  // one of those that each class has
  std::map<unsigned, VnhPool::Bound> bound;
  std::set<net::IpAddress> forgotten;  // ever
};

struct PoolOf : Pool {
  explicit PoolOf(const std::string& range) : Pool({prefix(range)}, prefix(range).family()) {}
};

// From now on exactly these classes are in use.
std::vector<std::optional<net::IpAddress>> round(Pool& of, const std::vector<unsigned>& used,
                                                 VnhPool::Clock::time_point now) {
  std::map<unsigned, VnhPool::Bound> bound;
  std::vector<std::optional<net::IpAddress>> addresses;
  for (const unsigned i : used) {
    const auto one = of.bind(i, tag(i), now);
    addresses.push_back(of.address_of(one));
    if (one) bound.emplace(i, *one);
  }
  for (const auto& [i, one] : of.bound) {
    if (std::ranges::find(used, i) == used.end()) of.pool.release(one, now);
  }
  of.bound = bound;
  return addresses;
}

TEST(VnhPool, LeavesOutNetworkAndBroadcastAddresses) {
  PoolOf pool("10.0.0.0/29");
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
  EXPECT_EQ(PoolOf("10.0.0.0/31").pool.size(), 2U);
  PoolOf single("2001:db8::7/128");
  EXPECT_EQ(round(single, {1}, at(seconds(0))).front(), ip("2001:db8::7"));
}

TEST(VnhPool, BoundsHugeRanges) {
  PoolOf pool("2001:db8::/64");
  EXPECT_EQ(pool.pool.size(), VnhPool::kMaxSlots);
  const auto address = round(pool, {1}, at(seconds(0))).front();
  ASSERT_TRUE(address);
  EXPECT_TRUE(prefix("2001:db8::/64").contains(*address));
  EXPECT_NE(*address, ip("2001:db8::"));
}

TEST(VnhPool, JoinsRangesOfItsFamily) {
  const std::vector<net::Prefix> ranges{prefix("10.0.0.0/30"), prefix("2001:db8::/64"),
                                        prefix("10.9.0.0/30")};
  Pool pool(ranges, net::Family::kIpv4);
  EXPECT_EQ(pool.pool.size(), 4U);
  std::set<net::IpAddress> seen;
  for (const auto& each : round(pool, {1, 2, 3, 4}, at(seconds(0)))) seen.insert(each.value());
  EXPECT_EQ(seen, (std::set{ip("10.0.0.1"), ip("10.0.0.2"), ip("10.9.0.1"), ip("10.9.0.2")}));
}

TEST(VnhPool, AClassKeepsItsAddressEvenAcrossDisuse) {
  PoolOf pool("10.0.0.0/24");
  const auto first = round(pool, {1, 2, 3}, at(seconds(0)));
  round(pool, {}, at(seconds(1)));
  EXPECT_EQ(round(pool, {3, 2, 1}, at(hours(4))).front(), first.back());
  EXPECT_EQ(pool.pool.neighbors().size(), 3U);
}

TEST(VnhPool, AnotherTagMeansAnotherAddress) {
  PoolOf pool("10.0.0.0/24");
  const auto before = pool.bind(1, tag(1), at(seconds(0)));
  const auto after = pool.bind(1, tag(2), at(seconds(0)));
  EXPECT_NE(before, after);
  EXPECT_EQ(pool.pool.neighbors().size(), 2U);
}

TEST(VnhPool, AnAddressIsAnothersOnlyAfterQuarantine) {
  PoolOf pool("10.0.0.0/30");
  const auto first = round(pool, {1, 2}, at(seconds(0)));
  EXPECT_EQ(round(pool, {2, 3}, at(seconds(10))).back(), std::nullopt);
  const auto just_before = at(seconds(10)) + VnhPool::kQuarantine - seconds(1);
  EXPECT_EQ(round(pool, {2, 3}, just_before).back(), std::nullopt);
  const auto later = round(pool, {2, 3}, just_before + seconds(1));
  EXPECT_EQ(later, (std::vector{first[1], first[0]}));
}

TEST(VnhPool, AClassHasAsManyAddressesAsTags) {
  PoolOf pool("10.0.0.0/24");
  std::map<unsigned, VnhPool::Bound> by_tag;
  for (const unsigned each : {1U, 2U, 3U, 2U, 1U, 3U, 3U}) {
    const auto one = pool.bind(7, tag(each), at(seconds(each)));
    ASSERT_TRUE(one);
    EXPECT_EQ(by_tag.emplace(each, *one).first->second, *one);
    pool.pool.release(*one, at(seconds(each)));
  }
  EXPECT_EQ(pool.pool.neighbors().size(), 3U);
}

TEST(VnhPool, ThoseLongestOutOfUseAreForgottenFirstAndManyAtOnce) {
  PoolOf pool("10.0.0.0/24");
  const auto first = round(pool, {1, 2, 3, 4}, at(hours(0)));
  round(pool, {2, 3, 4}, at(hours(1)));
  round(pool, {2, 4}, at(hours(2)));
  round(pool, {4}, at(hours(2) + seconds(1)));
  EXPECT_EQ(pool.pool.room_at(), VnhPool::Clock::time_point::min());

  EXPECT_FALSE(pool.pool.has_quiet(at(hours(5) - seconds(1))));
  ASSERT_TRUE(pool.pool.has_quiet(at(hours(6))));
  round(pool, {4}, at(hours(6)));
  EXPECT_EQ(pool.forgotten, (std::set{*first[0], *first[2]}));
  // A second later the next one's quarantine is over, but that is done for many at once.
  const auto next = at(hours(6)) + VnhPool::kBetweenSweeps;
  EXPECT_FALSE(pool.pool.has_quiet(next - seconds(1)));
  round(pool, {4}, next);
  EXPECT_EQ(pool.forgotten, (std::set{*first[0], *first[1], *first[2]}));
  EXPECT_EQ(pool.pool.neighbors().size(), 1U);
}

TEST(VnhPool, AFullPoolSaysWhenItMayHaveRoom) {
  PoolOf pool("10.0.0.0/30");
  EXPECT_EQ(pool.pool.room_at(), VnhPool::Clock::time_point::min());
  round(pool, {1, 2}, at(hours(1)));
  EXPECT_EQ(pool.pool.room_at(), VnhPool::Clock::time_point::max());
  round(pool, {2}, at(hours(2)));
  EXPECT_EQ(pool.pool.room_at(), at(hours(2)) + VnhPool::kQuarantine);
}

// Ten times as many classes as ever are in use at once.
TEST(VnhPool, ThereAreAsManyBindingsAsClassesAreOrWereLatelyInUse) {
  PoolOf pool("2001:db8::/64");
  for (unsigned hour = 0; hour < 200; ++hour) {
    std::vector<unsigned> used(10);
    std::iota(used.begin(), used.end(), hour % 20 * 10);
    for (const auto& each : round(pool, used, at(hours(hour)))) ASSERT_TRUE(each);
    EXPECT_LE(pool.pool.neighbors().size(), 60U);
  }
}

// Classes with one tag and another, whatever was forgotten when: an address that is found again has
// been nobody else's since.
TEST(VnhPool, AClassFindsWhatHasNotBeenForgotten) {
  std::mt19937 engine(3);
  PoolOf pool("10.0.0.0/28");
  using Meaning = std::pair<unsigned, unsigned>;  // class and tag
  std::map<net::IpAddress, Meaning> all;
  std::map<Meaning, VnhPool::Bound> in_use;
  auto now = at(seconds(0));
  std::size_t found = 0;
  std::size_t refused = 0;
  for (int step = 0; step < 20000; ++step) {
    SCOPED_TRACE(step);
    now += std::chrono::minutes(8);
    const auto drawn = static_cast<unsigned>(engine());
    const Meaning meaning(drawn % 8, drawn / 8 % 3);
    if (const auto used = in_use.find(meaning); used != in_use.end()) {
      pool.pool.release(used->second, now);
      in_use.erase(used);
      continue;
    }
    const auto is_of_class = [&](const auto& each) { return each.first.first == meaning.first; };
    if (std::ranges::any_of(in_use, is_of_class)) continue;
    pool.forgotten.clear();
    const auto one = pool.bind(meaning.first, tag(meaning.first * 3 + meaning.second), now);
    for (const net::IpAddress& each : pool.forgotten) all.erase(each);
    const auto known =
        std::ranges::find(all, meaning, [](const auto& each) { return each.second; });
    if (known != all.end()) {
      ASSERT_TRUE(one);
      EXPECT_EQ(pool.pool.address_of(*one), known->first);
      ++found;
    }
    if (!one) ++refused;
    if (!one) continue;
    in_use.emplace(meaning, *one);
    if (known == all.end()) {
      EXPECT_TRUE(all.emplace(pool.pool.address_of(*one), meaning).second) << "another's";
    }
    ASSERT_EQ(all.size(), pool.pool.neighbors().size());
  }
  EXPECT_GT(found, 100U);
  EXPECT_GT(refused, 0U);
}

TEST(VnhPool, AnAddressInUseIsNeverRecycled) {
  PoolOf pool("10.0.0.0/30");
  round(pool, {1, 2}, at(seconds(0)));
  round(pool, {1, 2}, at(hours(50)));
  EXPECT_EQ(round(pool, {1, 2, 3}, at(hours(100))).back(), std::nullopt);
}

TEST(VnhPool, WithoutRangesNothingIsBound) {
  Pool pool({}, net::Family::kIpv4);
  EXPECT_EQ(round(pool, {1}, at(seconds(0))).front(), std::nullopt);
}

TEST(VnhPool, AddressesDoNotDependOnTheOrderOfClassesInARoomyPool) {
  PoolOf one("10.0.0.0/16");
  PoolOf other("10.0.0.0/16");
  auto forwards = round(one, {1, 2, 3, 4}, at(seconds(0)));
  const auto backwards = round(other, {4, 3, 2, 1}, at(seconds(0)));
  std::ranges::reverse(forwards);
  EXPECT_EQ(forwards, backwards);
}

}  // namespace
}  // namespace fabrix::compiler
