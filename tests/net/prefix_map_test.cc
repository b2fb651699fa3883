#include "net/prefix_map.h"

#include <map>
#include <memory>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::net {
namespace {

using Oracle = std::map<Prefix, int>;
using Entries = std::vector<std::pair<Prefix, int>>;

Prefix prefix(std::string_view text) {
  return Prefix::parse(text).value();
}

// Addresses with few distinct octets, so that random blocks often nest and meet again.
IpAddress random_address(std::mt19937& random) {
  static constexpr std::array<std::uint8_t, 4> kOctets{0x00, 0x80, 0xc0, 0xff};
  std::array<std::uint8_t, 16> octets{};
  for (auto& octet : octets) octet = kOctets.at(random() % kOctets.size());
  if (random() % 2 == 0) return IpAddress::v6(octets);
  return IpAddress::v4({octets[0], octets[1], octets[2], octets[3]});
}

Prefix random_prefix(std::mt19937& random) {
  const IpAddress address = random_address(random);
  const unsigned width = width_of(address.family());
  // Mostly short, where most collisions are.
  const auto length = static_cast<unsigned>(random() % (random() % 4 == 0 ? width + 1 : 13));
  return Prefix::containing(address, length).value();
}

Entries entries_of(const PrefixMap<int>& map) {
  Entries entries;
  map.for_each([&](const Prefix& key, int value) { entries.emplace_back(key, value); });
  return entries;
}

// The entries of `oracle` that `wanted` accepts, in order.
template <typename Wanted>
Entries select(const Oracle& oracle, Wanted wanted) {
  Entries entries;
  for (const auto& [key, value] : oracle) {
    if (wanted(key)) entries.emplace_back(key, value);
  }
  return entries;
}

void expect_same_lookups(const PrefixMap<int>& map, const Oracle& oracle, const Prefix& block) {
  SCOPED_TRACE(block.to_string());
  const auto exact = oracle.find(block);
  const int* const found = map.find(block);
  ASSERT_EQ(found != nullptr, exact != oracle.end());
  if (found != nullptr) {
    EXPECT_EQ(*found, exact->second);
  }

  const Entries covering = select(oracle, [&](const Prefix& key) { return key.contains(block); });
  Entries covers;
  map.for_each_covering(block,
                        [&](const Prefix& key, int value) { covers.emplace_back(key, value); });
  EXPECT_EQ(covers, covering);

  const auto match = map.longest_match(block);
  ASSERT_EQ(match.has_value(), !covering.empty());
  if (match) {
    EXPECT_EQ(std::pair(match->prefix, *match->value), covering.back());
  }

  Entries inside;
  map.for_each_within(block,
                      [&](const Prefix& key, int value) { inside.emplace_back(key, value); });
  EXPECT_EQ(inside, select(oracle, [&](const Prefix& key) { return block.contains(key); }));
}

TEST(PrefixMapTest, FindsTheLongestMatch) {
  PrefixMap<std::string> map;
  for (const std::string_view text :
       {"0.0.0.0/0", "192.0.2.0/24", "192.0.2.128/25", "192.0.2.129/32", "2001:db8::/32"}) {
    EXPECT_TRUE(map.insert(prefix(text), std::string(text)));
  }
  const struct {
    std::string_view address;
    std::string_view match;
  } cases[] = {
      {"192.0.2.129", "192.0.2.129/32"}, {"192.0.2.130", "192.0.2.128/25"},
      {"192.0.2.1", "192.0.2.0/24"},     {"10.0.0.1", "0.0.0.0/0"},
      {"2001:db8::1", "2001:db8::/32"},
  };
  for (const auto& [address, match] : cases) {
    EXPECT_EQ(*map.longest_match(IpAddress::parse(address).value())->value, match) << address;
  }
  EXPECT_FALSE(map.longest_match(IpAddress::parse("2001:db9::1").value()));
  EXPECT_FALSE(map.longest_match(Prefix::all(Family::kIpv6)));
  EXPECT_EQ(map.longest_match(prefix("192.0.2.0/23"))->prefix, prefix("0.0.0.0/0"));
}

TEST(PrefixMapTest, InsertReplacesAndSaysSo) {
  PrefixMap<int> map;
  EXPECT_TRUE(map.insert(prefix("192.0.2.0/24"), 1));
  EXPECT_FALSE(map.insert(prefix("192.0.2.0/24"), 2));
  EXPECT_EQ(*map.find(prefix("192.0.2.0/24")), 2);
  ++map[prefix("192.0.2.0/24")];
  ++map[prefix("192.0.3.0/24")];
  EXPECT_EQ(entries_of(map), (Entries{{prefix("192.0.2.0/24"), 3}, {prefix("192.0.3.0/24"), 1}}));
  EXPECT_EQ(map.size(), 2U);
}

TEST(PrefixMapTest, APrefixThatOnlyForksTheTreeIsNotInTheMap) {
  PrefixMap<int> map;
  map.insert(prefix("192.0.2.0/25"), 1);
  map.insert(prefix("192.0.2.128/25"), 2);
  EXPECT_EQ(map.find(prefix("192.0.2.0/24")), nullptr);
  EXPECT_FALSE(map.erase(prefix("192.0.2.0/24")));
  EXPECT_EQ(map.size(), 2U);
}

TEST(PrefixMapTest, HoldsValuesThatOnlyMove) {
  PrefixMap<std::unique_ptr<int>> map;
  map.insert(prefix("192.0.2.0/24"), std::make_unique<int>(7));
  map.insert(prefix("192.0.0.0/16"), std::make_unique<int>(8));
  EXPECT_EQ(**map.find(prefix("192.0.2.0/24")), 7);
  map.clear();
  EXPECT_TRUE(map.empty());
}

TEST(PrefixMapTest, AgreesWithANaiveMap) {
  std::mt19937 random(20240606);
  PrefixMap<int> map;
  Oracle oracle;
  for (int i = 0; i < 6000; ++i) {
    const Prefix key = random_prefix(random);
    // Grows and shrinks in turns, to the empty map and back.
    const bool grow = random() % 10 < ((i / 1000) % 2 == 0 ? 8U : 2U);
    if (grow) {
      EXPECT_EQ(map.insert(key, i), oracle.insert_or_assign(key, i).second);
    } else {
      EXPECT_EQ(map.erase(key), oracle.erase(key) == 1);
    }
    ASSERT_EQ(map.size(), oracle.size());
    expect_same_lookups(map, oracle, random_prefix(random));
    if (i % 100 == 0) {
      EXPECT_EQ(entries_of(map), Entries(oracle.begin(), oracle.end()));
    }
  }
  while (!oracle.empty()) {
    EXPECT_TRUE(map.erase(oracle.begin()->first));
    oracle.erase(oracle.begin());
  }
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(entries_of(map), Entries{});
}

TEST(PrefixMapTest, LongestMatchOfAnAddressIsThatOfItsHostPrefix) {
  std::mt19937 random(20240607);
  PrefixMap<int> map;
  for (int i = 0; i < 300; ++i) map.insert(random_prefix(random), i);
  for (int i = 0; i < 5000; ++i) {
    const IpAddress address = random_address(random);
    const Prefix host = Prefix::containing(address, width_of(address.family())).value();
    const auto match = map.longest_match(address);
    const auto expected = map.longest_match(host);
    ASSERT_EQ(match.has_value(), expected.has_value());
    if (match) {
      EXPECT_EQ(match->value, expected->value) << address.to_string();
    }
  }
}

}  // namespace
}  // namespace fabrix::net
