#include "rpki/vrp_changes.h"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

const Vrp kV1 = vrp("10.0.0.0/8", 1);
const Vrp kV2 = vrp("10.0.0.0/8", 2);
const Vrp kV3 = vrp("192.0.2.0/24", 3);

TEST(ApplyChangesTest, AddsAndRemoves) {
  const auto result = apply_changes({kV1, kV3}, {announce(kV2), withdraw(kV3)});
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, (std::vector{kV1, kV2}));
}

TEST(ApplyChangesTest, TheOrderOfChangesOfOneVrpCounts) {
  EXPECT_EQ(apply_changes({kV1}, {withdraw(kV1), announce(kV1)}).value(), std::vector{kV1});
  EXPECT_EQ(apply_changes({}, {announce(kV1), withdraw(kV1)}).value(), std::vector<Vrp>());
}

TEST(ApplyChangesTest, Rfc8210_12_AnnouncingWhatIsThereIsAnError) {
  EXPECT_EQ(apply_changes({kV1}, {announce(kV1)}).error(), announce(kV1));
  EXPECT_EQ(apply_changes({}, {announce(kV2), announce(kV1), announce(kV2)}).error(),
            announce(kV2));
}

TEST(ApplyChangesTest, Rfc8210_12_WithdrawingWhatIsNotThereIsAnError) {
  EXPECT_EQ(apply_changes({kV1}, {withdraw(kV2)}).error(), withdraw(kV2));
  EXPECT_EQ(apply_changes({kV1}, {withdraw(kV1), withdraw(kV1)}).error(), withdraw(kV1));
}

TEST(ApplyChangesTest, AgreesWithASetOnRandomChanges) {
  constexpr unsigned kSeed = 8210;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 300; ++round) {
    std::set<Vrp> set;
    for (int i = 0; i < 10; ++i) set.insert(vrp("10.0.0.0/8", draw(random, 16)));
    const std::vector<Vrp> base(set.begin(), set.end());
    std::vector<VrpChange> changes;
    for (int i = 0; i < 10; ++i) {
      const Vrp one = vrp("10.0.0.0/8", draw(random, 16));
      const bool present = set.contains(one);
      changes.push_back(present ? withdraw(one) : announce(one));
      present ? static_cast<void>(set.erase(one)) : static_cast<void>(set.insert(one));
    }
    EXPECT_EQ(apply_changes(base, changes).value(), std::vector<Vrp>(set.begin(), set.end()));
  }
}

TEST(PrefixCoverTest, KeepsTheOutermostBlocksOnly) {
  const PrefixCover cover({prefix("10.1.0.0/16"), prefix("192.0.2.0/24"), prefix("10.0.0.0/8"),
                           prefix("10.0.0.0/8"), prefix("2001:db8::/32")});
  EXPECT_EQ(cover.blocks(),
            (std::vector{prefix("10.0.0.0/8"), prefix("192.0.2.0/24"), prefix("2001:db8::/32")}));
  EXPECT_TRUE(cover.covers(prefix("10.0.0.0/8")));
  EXPECT_TRUE(cover.covers(prefix("10.255.0.0/24")));
  EXPECT_TRUE(cover.covers(prefix("2001:db8:1::/48")));
  EXPECT_FALSE(cover.covers(prefix("0.0.0.0/0")));
  EXPECT_FALSE(cover.covers(prefix("11.0.0.0/8")));
  EXPECT_FALSE(cover.covers(prefix("2001:db9::/32")));
  EXPECT_FALSE(PrefixCover({}).covers(prefix("::/0")));
}

TEST(ChangedPrefixesTest, Rfc6811_5_NoRouteOutsideThemGetsAnotherVerdict) {
  constexpr unsigned kSeed = 500;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto random_table = [&](std::vector<Vrp> vrps) {
    for (int i = 0; i < 3; ++i) {
      const auto address =
          net::IpAddress::v4({static_cast<std::uint8_t>(draw(random, 8) * 32), 0, 0, 0});
      const auto block = net::Prefix::containing(address, draw(random, 6)).value();
      const auto longest = static_cast<std::uint8_t>(block.length() + draw(random, 3));
      vrps.push_back({block, longest, net::Asn{draw(random, 3)}});
    }
    return VrpTable::build(std::move(vrps));
  };
  std::size_t outside = 0;
  for (int round = 0; round < 300; ++round) {
    const VrpTable common = random_table({});
    const VrpTable before = random_table(common.vrps());
    const VrpTable after = random_table(common.vrps());
    const PrefixCover changed = changed_prefixes(before, after);
    for (int i = 0; i < 256; ++i) {
      const auto address =
          net::IpAddress::v4({static_cast<std::uint8_t>(draw(random, 256)), 0, 0, 0});
      const auto route = net::Prefix::containing(address, draw(random, 9)).value();
      const net::Asn origin{draw(random, 3)};
      if (changed.covers(route)) continue;
      ++outside;
      ASSERT_EQ(before.validate(route, origin), after.validate(route, origin)) << route.to_string();
    }
  }
  EXPECT_GT(outside, 1000U);
}

TEST(ChangedPrefixesTest, NamesWhatIsInOneTableOnly) {
  const VrpTable before = VrpTable::build({kV1, kV2});
  EXPECT_TRUE(changed_prefixes(before, before).empty());
  EXPECT_EQ(changed_prefixes(before, VrpTable::build({kV1, kV2, kV3})).blocks(),
            std::vector{kV3.prefix});
  EXPECT_EQ(changed_prefixes(before, VrpTable::build({kV2})).blocks(), std::vector{kV1.prefix});
  EXPECT_EQ(changed_prefixes(VrpTable(), before).blocks(), std::vector{kV1.prefix});
}

}  // namespace
}  // namespace fabrix::rpki
