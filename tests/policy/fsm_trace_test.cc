#include "policy/fsm_trace.h"

#include <gtest/gtest.h>

#include "tests/policy/fsm_world.h"

namespace fabrix::policy {
namespace {

// The run that shows why `check PROPERTY` fails.
std::string why(const std::string& property) {
  const std::string text =
      "event authenticated : bool\nevent infected : bool\n"
      "fsm auth per srcip {\nvar state : {out, in, held} = out\n"
      "on authenticated when value & ~(state == held) { state = in }\n"
      "on authenticated when ~value & ~(state == held) { state = out }\n"
      "on infected when value { state = held }\n"
      "timeout 90s when state == in -> { state = out }\n"
      "policy = identity\ncheck " +
      property + "\n}\n";
  const CheckedText checked = checked_fsms(text);
  EXPECT_EQ(checked.codes(), "P0505") << render(checked.diagnostics, text);
  return checked.diagnostics.empty() ? "" : checked.diagnostics.front().witness;
}

TEST(FsmTrace, ShowsAShortestRunToTheStateThatMatters) {
  EXPECT_EQ(why("AG ~state == held"),
            "start             state=out\n"
            "1. infected=true  state=held\n"
            "state == held holds here");
  EXPECT_EQ(why("AG (state == in -> AX state == in)"),
            "start                   state=out\n"
            "1. authenticated=true   state=in\n"
            "2. authenticated=false  state=out\n"
            "state == in does not hold here");
}

TEST(FsmTrace, ARunForEverEndsWithWhatItRepeats) {
  EXPECT_EQ(why("AF state == in"),
            "start                   state=out\n"
            "1. authenticated=false  state=out\n"
            "and so on from the start, for ever");
  EXPECT_EQ(why("AX AF state == out"),
            "start                  state=out\n"
            "1. authenticated=true  state=in\n"
            "2. authenticated=true  state=in\n"
            "and so on from step 1, for ever");
  EXPECT_EQ(why("A[state == out U state == in]"),
            "start             state=out\n"
            "1. infected=true  state=held\n"
            "A[state == out U state == in] does not hold: here neither of its sides does");
}

TEST(FsmTrace, WhatNoRunReachesIsSaidWhereItFails) {
  EXPECT_EQ(why("AG EF state == out"),
            "start             state=out\n"
            "1. infected=true  state=held\n"
            "EF state == out does not hold here");
  EXPECT_EQ(why("~EF (state == in & EX state == out)"),
            "start                   state=out\n"
            "1. authenticated=true   state=in\n"
            "2. authenticated=false  state=out\n"
            "state == out holds here");
}

TEST(FsmTrace, FollowsTheOperandThatHasMostToSay) {
  EXPECT_EQ(why("E[~state == out U state == held] | state == in"),
            "start  state=out\nE[~state == out U state == held] does not hold here");
  EXPECT_EQ(why("~EF (EX state == out & state == in)"),
            "start                   state=out\n"
            "1. authenticated=true   state=in\n"
            "2. authenticated=false  state=out\n"
            "state == out holds here");
}

TEST(FsmTrace, NamesTimeouts) {
  const CheckedText checked = checked_fsms(
      "event e : {a, b}\nfsm f {\nvar x : {calm, hit, over}\non e when x == calm { x = hit }\n"
      "timeout 90s when x == hit -> { x = over }\npolicy = drop\ncheck AG ~x == over\n}\n");
  ASSERT_EQ(checked.codes(), "P0505");
  EXPECT_EQ(checked.diagnostics[0].witness,
            "start                x=calm\n"
            "1. e=a               x=hit\n"
            "2. no event for 90s  x=over\n"
            "x == over holds here");
}

// Whatever fails has a run, and its first line is the initial state.
TEST(FsmTrace, EveryFailureHasATrace) {
  constexpr unsigned kSeed = 7;
  std::mt19937 random(kSeed);
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  for (int i = 0; i < 2000; ++i) {
    const std::size_t states = 1 + random() % 5;
    const Machine machine = random_machine(random, states, 1 + random() % 2);
    const PropertyPtr property = random_property(random, states, 1 + random() % 4);
    const Model model(machine);
    if (model.holds(*property)[machine.initial]) continue;
    const std::string text = counterexample(machine, {{"e", {"0", "1"}, {}}}, model, *property);
    EXPECT_TRUE(text.starts_with("start")) << text;
    EXPECT_NE(text.back(), '\n') << text;
  }
}

}  // namespace
}  // namespace fabrix::policy
