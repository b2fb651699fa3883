#include "rpki/aspa.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "tests/rpki/octets.h"

namespace fabrix::rpki {
namespace {

TEST(AspaTest, Draft8210bis_5_12_ProvidersAreInOrderEachOnceAndZeroIsAlone) {
  EXPECT_TRUE(is_sound(aspa(1, {2})));
  EXPECT_TRUE(is_sound(aspa(1, {2, 3, 4294967295})));
  EXPECT_TRUE(is_sound(aspa(1, {0})));
  EXPECT_FALSE(is_sound(aspa(1, {})));
  EXPECT_FALSE(is_sound(aspa(1, {3, 2})));
  EXPECT_FALSE(is_sound(aspa(1, {2, 2})));
  EXPECT_FALSE(is_sound(aspa(1, {0, 2})));
}

TEST(AspaTest, Draft8210bis_5_12_AnAnnouncementReplacesAndAWithdrawalRemovesAll) {
  const std::vector<Aspa> base{aspa(1, {2}), aspa(5, {6, 7})};
  EXPECT_EQ(apply_changes(base, {announce(aspa(5, {8})), announce(aspa(3, {4}))}).value(),
            (std::vector{aspa(1, {2}), aspa(3, {4}), aspa(5, {8})}));
  EXPECT_EQ(apply_changes(base, {withdraw_aspa(5)}).value(), std::vector{aspa(1, {2})});
  EXPECT_EQ(apply_changes(base, {announce(aspa(5, {6, 7}))}).value(), base);
}

TEST(AspaTest, Rfc8210_12_WithdrawingWhatIsNotThereMakesNoSense) {
  EXPECT_EQ(apply_changes({}, {withdraw_aspa(5)}).error(), withdraw_aspa(5));
  EXPECT_EQ(apply_changes({aspa(5, {6})}, {withdraw_aspa(5), withdraw_aspa(5)}).error(),
            withdraw_aspa(5));
  EXPECT_TRUE(apply_changes({}, {announce(aspa(5, {6})), withdraw_aspa(5)}));
}

TEST(AspaTest, ChangesInAnyOrderAreAsInAMap) {
  std::mt19937 random(20261121);
  std::map<std::uint32_t, std::uint32_t> expected;
  std::vector<Aspa> base;
  for (int round = 0; round < 200; ++round) {
    std::vector<AspaChange> changes;
    for (int i = 0; i < 5; ++i) {
      const std::uint32_t customer = draw(random, 10) + 1;
      if (expected.contains(customer) && draw(random, 2) == 0) {
        expected.erase(customer);
        changes.push_back(withdraw_aspa(customer));
      } else {
        expected[customer] = draw(random, 5) + 20;
        changes.push_back(announce(aspa(customer, {expected[customer]})));
      }
    }
    base = apply_changes(base, changes).value();
    std::vector<Aspa> wanted;
    for (const auto& [customer, provider] : expected) wanted.push_back(aspa(customer, {provider}));
    ASSERT_EQ(base, wanted) << round;
  }
}

}  // namespace
}  // namespace fabrix::rpki
