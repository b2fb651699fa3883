#include "policy/fsm_machine_checker.h"

#include <gtest/gtest.h>

#include "tests/policy/fsm_world.h"

namespace fabrix::policy {
namespace {

std::string after(const Machine& machine, StateId state, std::size_t value) {
  return describe(machine, machine.inputs.at(0).next.at(value).at(state));
}

TEST(FsmMachineChecker, TheFirstReactionWhoseConditionHoldsIsTaken) {
  const Machine machine = machine_of(
      "event e : {up, down, reset}\nfsm f {\nvar x : 0..3 = 1\nvar last : {up, down, reset}\n"
      "on e when value == reset { x = 0; last = value }\n"
      "on e when value == up & x < 3 { x = x + 1; last = value }\n"
      "on e when value == down { x = x - 2, last = down }\n"
      "policy = identity\n}\n");
  EXPECT_EQ(describe(machine, machine.initial), "x=1, last=up");
  EXPECT_EQ(after(machine, 1, 0), "x=2, last=up");
  EXPECT_EQ(after(machine, 3, 0), "x=3, last=up");    // no reaction
  EXPECT_EQ(after(machine, 1, 1), "x=0, last=down");  // not below the lowest
  EXPECT_EQ(after(machine, 3, 2), "x=0, last=reset");
}

TEST(FsmMachineChecker, AssignmentsReadTheStateBefore) {
  const Machine machine = machine_of(
      "event e : bool\nfsm f {\nvar x : {a, b}\nvar y : {a, b} = b\n"
      "on e { x = y; y = x }\npolicy = drop\n}\n");
  EXPECT_EQ(after(machine, machine.initial, 0), "x=b, y=a");
}

TEST(FsmMachineChecker, SumsStayInsideTheRange) {
  const Machine machine = machine_of(
      "event e : 1..3\nfsm f {\nvar x : 2..5\non e { x = value + 3 }\npolicy = drop\n}\n");
  EXPECT_EQ(after(machine, 0, 0), "x=4");
  EXPECT_EQ(after(machine, 0, 2), "x=5");
}

TEST(FsmMachineChecker, TheFirstCaseOfAStateCounts) {
  const Machine machine = machine_of(
      "event e : 0..5\nfsm f {\nvar x : 0..5\non e { x = value }\n"
      "policy = case { x >= 4 -> drop; x > 1 & ~(x == 3) -> fwd(B); else -> identity }\n}\n");
  EXPECT_EQ(machine.case_of, (std::vector<std::uint32_t>{2, 2, 1, 2, 0, 0}));
}

TEST(FsmMachineChecker, TimeoutsHaveUnits) {
  const Machine machine = machine_of(
      "fsm f {\nvar x : {a, b}\ntimeout 250ms -> { x = a }\ntimeout 2d when x == b -> { x = a }\n"
      "policy = identity\n}\n");
  ASSERT_EQ(machine.timeouts.size(), 2U);
  EXPECT_EQ(machine.timeouts[0].after, std::chrono::milliseconds(250));
  EXPECT_EQ(machine.timeouts[1].after, std::chrono::hours(48));
  EXPECT_EQ(machine.timeouts[1].next, (std::vector<StateId>{0, 0}));
}

TEST(FsmMachineChecker, SaysWhatIsWrong) {
  struct Case {
    std::string_view body;
    std::string_view codes;
  };
  for (const Case& each : {
           Case{"var x : {a, a}\npolicy = drop", "P0503"},
           Case{"var x : {}\npolicy = drop", "P0510"},
           Case{"var x : 0..300\npolicy = drop", "P0510"},
           Case{"var x : 5..1\npolicy = drop", "P0502"},
           Case{"var x : {a, b} = c\npolicy = drop", "P0502"},
           Case{"var x : bool\nvar x : bool\npolicy = drop", "P0503"},
           Case{"var value : bool\npolicy = drop", "P0210"},
           Case{"var x : 0..99\nvar y : 0..99\npolicy = drop", "P0510"},
           Case{"var x : bool\non f { x = true }\npolicy = drop", "P0501"},
           Case{"var x : bool\non e { y = true }\npolicy = drop", "P0502"},
           Case{"var x : bool\non e { x = maybe }\npolicy = drop", "P0502"},
           Case{"var x : {a, b}\non e { x = value }\npolicy = drop", "P0502"},
           Case{"var x : bool\non e { x = x + 1 }\npolicy = drop", "P0502"},
           Case{"var x : bool\non e { x = true; x = false }\npolicy = drop", "P0503"},
           Case{"var x : bool\non e when y { x = true }\npolicy = drop", "P0502"},
           Case{"var x : bool\non e when x == red { x = true }\npolicy = drop", "P0502"},
           Case{"var x : bool\non e when x < true { x = true }\npolicy = drop", "P0502"},
           Case{"var x : {a, b}\non e when x { x = a }\npolicy = drop", "P0502"},
           Case{"var x : bool\non e when AG x { x = true }\npolicy = drop", "P0502"},
           Case{"var x : bool\ntimeout 1s when value -> { x = true }\npolicy = drop", "P0502"},
           Case{"var x : bool\ntimeout 0s -> { x = true }\npolicy = drop", "P0502"},
           Case{"var x : bool\ntimeout 400d -> { x = true }\npolicy = drop", "P0502"},
           Case{"var x : bool", "P0504"},
           Case{"var x : bool\npolicy = case { x -> drop }", "P0504"},
           Case{"var x : bool\npolicy = case { x == yes -> drop; else -> drop }", "P0502"},
           Case{"var x : bool\non e { x = value }\npolicy = drop\ncheck AG y", "P0502"},
           Case{"var x : {a, b}\non e { x = a }\npolicy = case { x == a -> drop; else -> fwd(B) }",
                "P0307"},
       }) {
    const std::string text = "event e : bool\nfsm f {\n" + std::string(each.body) + "\n}\n";
    SCOPED_TRACE(text);
    CheckedText checked = checked_fsms(text);
    std::erase_if(checked.diagnostics, [](const Diagnostic& one) { return one.code == "P0508"; });
    EXPECT_EQ(checked.codes(), each.codes) << render(checked.diagnostics, text);
  }
  EXPECT_EQ(checked_fsms("fsm f per (srcip, nw_src) { policy = drop }").codes(), "P0503");
}

}  // namespace
}  // namespace fabrix::policy
