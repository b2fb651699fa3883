#include "exchange/session_policy.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

TEST(SessionPolicyTest, TheMinimalPresetAsksNoMoreThanTheProtocolDoes) {
  const ImportPolicy policy = preset(PolicyPreset::kMinimal);
  EXPECT_EQ(policy, ImportPolicy{});
  EXPECT_EQ(policy.next_hop, NextHopRule::kStrict);
  EXPECT_TRUE(policy.enforce_first_as);
  EXPECT_FALSE(policy.reject_bogon_prefixes);
  EXPECT_FALSE(policy.blackhole.accept);
}

// RFC 7454 (BCP 194) and MANRS for IXPs, action 1.
TEST(SessionPolicyTest, TheIxpPresetIsWhatExchangesAskFor) {
  const ImportPolicy policy = preset(PolicyPreset::kIxp);
  EXPECT_EQ(policy.ipv4, (LengthBounds{.least = 8, .most = 24}));
  EXPECT_EQ(policy.ipv6, (LengthBounds{.least = 12, .most = 48}));
  EXPECT_TRUE(policy.reject_bogon_prefixes);
  EXPECT_TRUE(policy.reject_bogon_asns);
  EXPECT_EQ(policy.max_as_path_length, 64);
  EXPECT_EQ(policy.max_communities, 100);
  EXPECT_TRUE(policy.blackhole.accept);
  EXPECT_EQ(policy.rpki, RpkiRule::kOff);
  EXPECT_TRUE(policy.transit_free.empty());
  EXPECT_FALSE(policy.limit.ipv4);
}

TEST(SessionPolicyTest, TheStrictPresetAddsToTheIxpPreset) {
  ImportPolicy policy = preset(PolicyPreset::kStrict);
  EXPECT_EQ(policy.rpki, RpkiRule::kRejectInvalid);
  EXPECT_EQ(policy.transit_free, transit_free_asns());
  EXPECT_EQ(policy.limit.ipv4, 170'000U);
  EXPECT_EQ(policy.limit.ipv6, 12'000U);
  // Without data they would refuse everything: the configuration turns them on.
  EXPECT_FALSE(policy.irr.enforce_prefix);
  EXPECT_FALSE(policy.irr.enforce_origin);
  policy.rpki = RpkiRule::kOff;
  policy.transit_free.clear();
  policy.limit = {};
  EXPECT_EQ(policy, preset(PolicyPreset::kIxp));
}

TEST(SessionPolicyTest, TransitFreeNetworksAreSortedWithoutRepetition) {
  const std::vector<net::Asn>& asns = transit_free_asns();
  EXPECT_TRUE(std::ranges::adjacent_find(asns, std::ranges::greater_equal{}) == asns.end());
  for (const std::uint32_t known : {174U, 1299U, 2914U, 3257U, 3356U, 7018U}) {
    EXPECT_TRUE(std::ranges::binary_search(asns, net::Asn{known})) << known;
  }
}

}  // namespace
}  // namespace fabrix::exchange
