#include "compiler/extras.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

TEST(ExtrasTest, AMeterIsTheOwnersAndMirrorsArePorts) {
  const World world({1, 3});
  const policy::Extras extras{.police = policy::Police{.number = 2, .kbps = 500},
                              .mirrors = {router(1), router(3)}};
  const Action plain{{}, {}, program::Discard{}};
  const Action action = with_extras(plain, extras, participant(1), world.exchange);
  EXPECT_EQ(action.meter, (program::Meter{.id = 65, .kbps = 500}));
  EXPECT_EQ(action.copies, (std::vector<net::PortNo>{{2}, {4}}));
  EXPECT_EQ(with_extras(plain, {}, participant(1), world.exchange), plain);
}

// A port of its own for each number and participant, within the 18 bits of Open vSwitch.
TEST(ExtrasTest, TheLastMeterFitsOpenVswitch) {
  constexpr std::uint16_t kLastParticipant = 0xffe;
  const auto last = program::meter_of(net::ParticipantId{kLastParticipant},
                                      program::kMetersPerParticipant - 1, 1);
  EXPECT_LE(last.id, 1U << 18U);
}

}  // namespace
}  // namespace fabrix::compiler
