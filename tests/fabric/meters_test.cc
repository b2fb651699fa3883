#include "fabric/meters.h"

#include <gtest/gtest.h>

#include "tests/fabric/openflow_world.h"

namespace fabrix::fabric {
namespace {

using openflow::tests::kBadAtCommit;

program::ProgramPtr limited_program(std::uint64_t kbps, std::uint16_t priority = 10) {
  auto program = *program_of({priority});
  program.table(program::TableId::kAdmit).front().meter = program::Meter{.id = 5, .kbps = kbps};
  return std::make_shared<const program::Program>(std::move(program));
}

using Configs = std::vector<openflow::MeterConfig>;

using Mods = std::vector<int>;

TEST(MetersTest, OnesThatAreMissingOfAnotherRateOrNobodysAreWrong) {
  const Meters wanted = meters_for(*limited_program(1000));
  EXPECT_EQ(count_wrong(wanted, wanted), 0U);
  EXPECT_EQ(count_wrong({}, wanted), 1U);
  EXPECT_EQ(count_wrong(wanted, {}), 1U);
  EXPECT_EQ(count_wrong(meters_for(*limited_program(2000)), wanted), 1U);
}

TEST_F(OpenFlowFabricTest, MetersComeBeforeTheirFlowsAndGoAfterThem) {
  connect_and_settle();
  switch_->heard.clear();
  EXPECT_TRUE(install(limited_program(1000))->calls == 0);
  exchange();
  EXPECT_EQ(switch_->meters, Configs{openflow::limit(5, 1000, 120)});
  EXPECT_EQ(switch_->flows.at(0).instructions.meter, 5U);
  EXPECT_TRUE(std::holds_alternative<openflow::MeterMod>(switch_->heard.at(0)));
  EXPECT_EQ(fabric_.status(), "openflow: connected, datapath 00000000000000f1, 1 flows, 1 meters");
  // Another rate is another rate of the same meter: no flow changes.
  take_mods();
  install(limited_program(2000));
  exchange();
  EXPECT_EQ(switch_->meters, Configs{openflow::limit(5, 2000, 200)});
  EXPECT_EQ(take_mods(), Mods{});
  switch_->heard.clear();
  const auto answer = install(program_of({20}));
  exchange();
  EXPECT_TRUE(answer->succeeded());
  EXPECT_EQ(switch_->meters, Configs{});
  EXPECT_EQ(take_mods(), (Mods{-10, 20}));
  EXPECT_TRUE(std::holds_alternative<openflow::BarrierRequest>(switch_->heard.back()));
}

TEST_F(OpenFlowFabricTest, ReadsMetersAndCorrectsThem) {
  install(limited_program(1000));
  connect(flows_of(limited_program(1000)));
  switch_->meters = {openflow::limit(5, 999, 120), openflow::limit(6, 1, 1)};
  exchange();
  EXPECT_EQ(switch_->meters, Configs{openflow::limit(5, 1000, 120)});
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, ARejectedProgramsMetersAreUndone) {
  connect_and_settle();
  install(limited_program(1000));
  exchange();
  const auto answer = install(limited_program(2000, kBadAtCommit));
  exchange();
  EXPECT_TRUE(answer->failed());
  EXPECT_EQ(switch_->meters, Configs{openflow::limit(5, 1000, 120)});
  EXPECT_TRUE(fabric_.in_sync());
}

TEST_F(OpenFlowFabricTest, ASwitchWithoutMetersRefusesAProgramThatNeedsThem) {
  connect();
  switch_->has_meters = false;
  exchange();
  const auto simple = install(program_of({10}));
  exchange();
  EXPECT_TRUE(simple->succeeded());
  const auto limited = install(limited_program(1000));
  exchange();
  EXPECT_TRUE(limited->failed());
}

}  // namespace
}  // namespace fabrix::fabric
