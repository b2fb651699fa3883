#include "policy/fsm_elaborate.h"

#include <gtest/gtest.h>

#include "tests/policy/fsm_world.h"

namespace fabrix::policy {
namespace {

TEST(FsmElaborate, ReadsEventsOfAllTypes) {
  const CheckedText checked = checked_fsms(
      "event a : bool\nevent b : {x, y} from meter\nevent c : 8..10\n"
      "fsm f {\nvar v : bool\non a { v = value }\non b { v = true }\non c { v = true }\n"
      "policy = drop\n}\n");
  EXPECT_EQ(checked.codes(), "");
  ASSERT_EQ(checked.fsms.events.size(), 3U);
  EXPECT_EQ(checked.fsms.events[0].values, (std::vector<std::string>{"false", "true"}));
  EXPECT_EQ(checked.fsms.events[1].source, "meter");
  EXPECT_EQ(checked.fsms.events[2].values, (std::vector<std::string>{"8", "9", "10"}));
}

TEST(FsmElaborate, BoundsEverything) {
  std::string events;
  for (std::size_t i = 0; i <= kMaxEvents; ++i)
    events += "event e" + std::to_string(i) + " : bool\n";
  EXPECT_EQ(checked_fsms(events).codes(), "P0510");
  std::string machines;
  for (std::size_t i = 0; i <= kMaxMachines; ++i) {
    machines += "fsm f" + std::to_string(i) + " { policy = drop }\n";
  }
  EXPECT_EQ(checked_fsms(machines).codes(), "P0510");
  EXPECT_EQ(checked_fsms("event e : 0..255\nfsm f { var x : 0..255\nvar y : bool\n"
                         "on e { x = value }\npolicy = drop }")
                .codes(),
            "P0510");
}

TEST(FsmElaborate, ChecksAreNotWorthAnyAmountOfTime) {
  std::string text =
      "event e : 0..60\nfsm f { var x : 0..60\nvar y : 0..15\non e { x = value; y = y + 1 }\n"
      "policy = drop\n";
  for (int i = 0; i < 40; ++i) text += "check AG (x == 0 -> AF (EF x == 1 | EF AG x == 2))\n";
  const CheckedText checked = checked_fsms(text + "}\n");
  ASSERT_FALSE(checked.diagnostics.empty());
  EXPECT_EQ(checked.diagnostics.back().code, "P0510");
}

TEST(FsmElaborate, SaysWhatIsGivenTwiceOrHeardByNobody) {
  EXPECT_EQ(checked_fsms("event e : bool\nevent e : bool\n").codes(), "P0503");
  EXPECT_EQ(checked_fsms("event e : bool\n").codes(), "P0508");
}

}  // namespace
}  // namespace fabrix::policy
