#include "verify/condition_change.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/verify/random_hosts.h"

namespace fabrix::verify {
namespace {

namespace c = compiler;
using net::Field;
using policy::PredicatePtr;
using policy::Uint128;

const Key kSource4{net::kEthTypeIpv4, Field::kSrcIp4, {}};
const Key kSource6{net::kEthTypeIpv6, Field::kSrcIp6High, Field::kSrcIp6Low};
constexpr std::size_t kMost = 16;

policy::ClauseList drop(const PredicatePtr& when) {
  return c::list_of({c::clause(when, policy::Drop{})});
}
std::optional<Ranges> between(const PredicatePtr& a, const PredicatePtr& b, const Key& key) {
  return values_between(drop(a), drop(b), key, kMost);
}
policy::Range128 host(std::uint64_t network, std::uint64_t number) {
  const Uint128 value = Uint128{network} << 64U | number;
  return {value, value};
}
// One host of each.
PredicatePtr of_networks(const std::vector<std::uint64_t>& networks) {
  std::vector<PredicatePtr> hosts;
  for (const std::uint64_t each : networks) {
    hosts.push_back(c::all_of(
        {c::test(Field::kSrcIp6High, {{each, each}}), c::test(Field::kSrcIp6Low, {{1, 1}})}));
  }
  const auto any = hosts.size() == 1 ? hosts.front() : c::any_of(hosts);
  return c::all_of({c::ether_type(net::kEthTypeIpv6), any});
}

TEST(ConditionChangeTest, IsWhoCameAndWent) {
  EXPECT_EQ(between(of_networks({1, 3, 5}), of_networks({1, 5, 7}), kSource6),
            (Ranges{host(3, 1), host(7, 1)}));
  EXPECT_EQ(between(of_networks({1, 3, 5}), of_networks({1, 3, 4, 5}), kSource6),
            Ranges{host(4, 1)});
  EXPECT_EQ(between(of_networks({1}), of_networks({1, 2}), kSource6), Ranges{host(2, 1)});
  EXPECT_EQ(between(of_networks({1}), of_networks({1, 2}), kSource4), Ranges{});
  EXPECT_EQ(between(from_any({{1, 5}}), from_any({{1, 7}}), kSource4), (Ranges{{6, 7}}));
  EXPECT_EQ(between(from_any({{1, 5}}), from_any({{1, 7}}), kSource6), Ranges{});
}

TEST(ConditionChangeTest, IsWhoCameFirst) {
  const auto both = c::any_of({from_any({{1, 5}}), of_networks({1})});
  EXPECT_EQ(between(from_any({{1, 5}}), both, kSource6), Ranges{host(1, 1)});
  EXPECT_EQ(between(from_any({{1, 5}}), both, kSource4), Ranges{});
  EXPECT_EQ(between(c::not_of(both), c::not_of(from_any({{1, 5}})), kSource6), Ranges{host(1, 1)});
}

TEST(ConditionChangeTest, IsUnknownWhereSomethingElseChanged) {
  const auto at = [](std::uint16_t port) {
    return c::all_of({of_networks({1, 2}), c::dst_port(port)});
  };
  EXPECT_EQ(between(at(80), at(80), kSource6), Ranges{});
  EXPECT_FALSE(between(c::dst_port(80), c::dst_port(81), kSource6));
  EXPECT_EQ(between(at(80), at(81), kSource6), (Ranges{host(1, 1), host(2, 1)}))
      << "it holds for no others";
  EXPECT_FALSE(values_between(
      drop(at(80)), c::list_of({c::clause(at(80), c::fwd(c::participant(1)))}), kSource6, kMost));
  EXPECT_FALSE(values_between(drop(at(80)), c::list_of({}), kSource6, kMost));
}

TEST(ConditionChangeTest, TooManyAreUnknown) {
  std::vector<std::uint64_t> many;
  for (std::uint64_t i = 0; i < kMost; ++i) many.push_back(10 + 2 * i);
  EXPECT_TRUE(between(of_networks({1}), of_networks(many), kSource6) == std::nullopt);
  many.pop_back();
  EXPECT_EQ(between(of_networks({1}), of_networks(many), kSource6)->size(), kMost);
}

// Conditions that are like each other, or not: whatever it says, no other packet is concerned.
TEST(ConditionChangeTest, NoOtherPacketIsConcerned) {
  RandomHosts random(9);
  int known = 0;
  for (int round = 0; round < 600; ++round) {
    SCOPED_TRACE(round);
    const auto shared = random.condition(2);
    const std::vector<PredicatePtr> each{random.condition(1), random.condition(1)};
    std::vector<PredicatePtr> both;
    for (const PredicatePtr& own : each) {
      const auto kind = round % 4;
      if (kind == 0) both.push_back(own);
      if (kind == 1) both.push_back(c::all_of({shared, own}));
      if (kind == 2) both.push_back(c::any_of({shared, c::not_of(own)}));
      if (kind == 3) both.push_back(own == each[0] ? shared : c::any_of({shared, own}));
    }
    for (const Key& key : {kSource4, kSource6}) {
      const auto found = between(both[0], both[1], key);
      if (!found) continue;
      ++known;
      for (int i = 0; i < 40; ++i) {
        const net::Packet packet = random.packet();
        if (net::value_of(packet, Field::kEthType) != *key.eth_type) continue;
        if (policy::holds(*both[0], packet, {}) == policy::holds(*both[1], packet, {})) continue;
        Uint128 value = net::value_of(packet, key.field);
        if (key.low) value = value << 64U | net::value_of(packet, *key.low);
        EXPECT_TRUE(std::ranges::any_of(*found, [value](const auto& range) {
          return range.low <= value && value <= range.high;
        }));
      }
    }
  }
  EXPECT_GT(known, 400);
}

}  // namespace
}  // namespace fabrix::verify
