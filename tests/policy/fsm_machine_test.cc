#include "policy/fsm_machine.h"

#include <gtest/gtest.h>

#include "tests/policy/fsm_world.h"

namespace fabrix::policy {
namespace {

constexpr std::string_view kText =
    "event e : bool\n"
    "fsm f per srcip {\nvar x : {a, b} = b\nvar n : 5..7\n"
    "on e when value { x = a }\ntimeout 1s -> { n = 7 }\npolicy = identity\n}\n";

TEST(FsmMachine, AStateIsTheValuesOfItsVariables) {
  const Machine machine = machine_of(kText);
  EXPECT_EQ(machine.states, 6U);
  EXPECT_EQ(describe(machine, machine.initial), "x=b, n=5");
  EXPECT_EQ(value_in(machine, 4, 1), 2U);
  EXPECT_EQ(describe(machine, 4), "x=a, n=7");
}

TEST(FsmMachine, OnlyInstancesOutOfTheInitialStateTimeOut) {
  const Machine machine = machine_of(kText);
  const StateSet seen = reachable(machine);
  EXPECT_TRUE(seen[0]);   // by the event
  EXPECT_TRUE(seen[4]);   // and then by time
  EXPECT_FALSE(seen[5]);  // from the initial state no time passes
}

TEST(FsmMachine, MovesAlikeWhateverItShows) {
  const std::vector<Event> events = checked_fsms(kText).fsms.events;
  const Machine machine = machine_of(kText);
  Machine other = machine;
  other.case_of.assign(6, 3);
  other.at.line = 99;
  EXPECT_TRUE(moves_alike(machine, events, other, events));
  other.timeouts[0].after = std::chrono::seconds(2);
  EXPECT_FALSE(moves_alike(machine, events, other, events));
  EXPECT_EQ(machine.input(1), nullptr);
}

}  // namespace
}  // namespace fabrix::policy
