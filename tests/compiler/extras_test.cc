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

TEST(ExtrasTest, AChainIsSteppedThroughPastWhatIsDown) {
  const std::vector<net::RouterId> via{router(2), router(0), router(3)};
  using Detours = std::vector<Detour>;
  EXPECT_EQ(detours(via, {true, true, true, true}),
            (Detours{{.from = {}, .to = router(2)},
                     {.from = router(0), .to = router(3)},
                     {.from = router(2), .to = router(0)}}));
  EXPECT_EQ(detours(via, {false, true, true, true}),
            (Detours{{.from = {}, .to = router(2)},
                     {.from = router(0), .to = router(3)},
                     {.from = router(2), .to = router(3)}}));
  EXPECT_EQ(detours(via, {true, true, false, false}),
            (Detours{{.from = {}, .to = router(0)}, {.from = router(2), .to = router(0)}}));
  EXPECT_EQ(detours(via, {false, true, false, false}), Detours{});
  EXPECT_EQ(detours({}, {true, true, true, true}), Detours{});
}

TEST(ExtrasTest, OnlyChainsOfSeveralMatterForWhatComesBack) {
  policy::Policy policy;
  EXPECT_EQ(chains_received(nullptr), Chains{});
  for (const auto& via : {Chains::value_type{router(1)},
                          {router(3), router(2)},
                          {},
                          {router(3), router(2)},
                          {router(1), router(2)}}) {
    policy.inbound.clauses.emplace_back().extras.via = via;
    policy.outbound.clauses.emplace_back().extras.via = {router(2), router(1)};
  }
  EXPECT_EQ(chains_received(&policy), (Chains{{router(1), router(2)}, {router(3), router(2)}}));
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
