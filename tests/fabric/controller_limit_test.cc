#include "fabric/controller_limit.h"

#include <gtest/gtest.h>

namespace fabrix::fabric {
namespace {

using openflow::MeterCommand;
using openflow::MeterConfig;
using Meters = std::vector<MeterConfig>;

TEST(ControllerLimitTest, IsSetWhereItIsMissing) {
  ControllerLimit limit;
  Meters meters{openflow::limit(7, 1000, 100)};
  const auto mod = limit.note(meters);
  ASSERT_TRUE(mod);
  EXPECT_EQ(mod->command, MeterCommand::kAdd);
  EXPECT_EQ(mod->meter.id, 0xfffffffeU);  // OFPM_CONTROLLER
  EXPECT_EQ(mod->meter.flags,
            openflow::kMeterPackets | openflow::kMeterBurst | openflow::kMeterStats);
  ASSERT_EQ(mod->meter.bands.size(), 1U);
  EXPECT_EQ(mod->meter.bands[0].rate, 5000U);
  EXPECT_EQ(meters, (Meters{openflow::limit(7, 1000, 100)}));
}

TEST(ControllerLimitTest, IsSetRightWhereItIsOtherwise) {
  ControllerLimit limit;
  Meters meters{openflow::limit_packets(openflow::kControllerMeter, 9, 9)};
  const auto mod = limit.note(meters);
  ASSERT_TRUE(mod);
  EXPECT_EQ(mod->command, MeterCommand::kModify);
  EXPECT_TRUE(meters.empty());
}

TEST(ControllerLimitTest, WhatIsRightStays) {
  ControllerLimit limit;
  Meters meters{ControllerLimit::wanted()};
  EXPECT_FALSE(limit.note(meters));
  EXPECT_TRUE(meters.empty()) << "no Program's";
}

TEST(ControllerLimitTest, ASwitchThatRefusesIsNotAskedAgainUntilItConnects) {
  ControllerLimit limit;
  Meters none;
  limit.refused();
  EXPECT_FALSE(limit.note(none));
  limit.forget();
  EXPECT_TRUE(limit.note(none));
}

}  // namespace
}  // namespace fabrix::fabric
