#include "routeserver/irr_sets.h"

#include <gtest/gtest.h>

#include "tests/routeserver/world.h"

namespace fabrix::routeserver {
namespace {

const PrefixRange kUpTo24{
    .prefix = net::Prefix::parse("198.51.100.0/22").value(), .least = 22, .most = 24};

TEST(IrrSetsTest, WithoutDataNothingIsAllowed) {
  const IrrSets none;
  EXPECT_FALSE(none.allows(prefix("192.0.2.0/24"), LongerPrefixes::kAllowed));
  EXPECT_FALSE(none.allows(net::Asn{64500}));
}

TEST(IrrSetsTest, PrefixesAreAllowedWithinTheirRange) {
  const IrrSets sets({kUpTo24}, {});
  EXPECT_TRUE(sets.allows(prefix("198.51.100.0/22"), LongerPrefixes::kRefused));
  EXPECT_TRUE(sets.allows(prefix("198.51.101.0/24"), LongerPrefixes::kRefused));
  EXPECT_FALSE(sets.allows(prefix("198.51.101.0/25"), LongerPrefixes::kRefused));
  EXPECT_FALSE(sets.allows(prefix("198.51.96.0/21"), LongerPrefixes::kRefused));
}

TEST(IrrSetsTest, LongerOnesWhereTheExchangeSaysSo) {
  const IrrSets sets({kUpTo24}, {});
  EXPECT_TRUE(sets.allows(prefix("198.51.101.0/25"), LongerPrefixes::kAllowed));
  EXPECT_FALSE(sets.allows(prefix("198.51.96.0/21"), LongerPrefixes::kAllowed));
  EXPECT_TRUE(sets.covers(PrefixBits(prefix("198.51.101.7/32"))));
}

TEST(IrrSetsTest, OriginsAreASet) {
  const IrrSets sets({}, {{65010}, {64500}, {65010}});
  EXPECT_EQ(sets.origin_count(), 2U);
  EXPECT_TRUE(sets.allows(net::Asn{64500}));
  EXPECT_TRUE(sets.allows(net::Asn{65010}));
  EXPECT_FALSE(sets.allows(net::Asn{65011}));
  EXPECT_FALSE(sets.allows(std::nullopt));
}

}  // namespace
}  // namespace fabrix::routeserver
