#include "app/policy_states.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

// A meter of three levels, whose cases are `cases`.
std::string meter(const std::string& cases, const std::string& name = "meter") {
  return "event used : 0..2\n"
         "fsm " +
         name +
         " per srcip {\n"
         "  var level : 0..2\n"
         "  on used { level = value }\n"
         "  policy = case { " +
         cases +
         " }\n"
         "}\n"
         "outbound = " +
         name + "\n";
}

class PolicyStatesTest : public ::testing::Test {
 protected:
  PolicyStatesTest() { scratch_.write("exchange.yaml", testing::loopback_exchange("A.policy")); }

  PolicyFile read(const std::string& text) {
    const auto file = scratch_.write("A.policy", text);
    const std::vector<std::string> none;
    const auto arguments = Arguments::parse(none, {});
    Subjects subjects(*arguments);
    return read_policy(*sole_subject(subjects, file), file).value();
  }
  std::vector<std::string> pairs(const std::string& before, const std::string& after) {
    const auto all = in_all_states(read(before), read(after));
    std::vector<std::string> states;
    for (const VersionsInStates& each : all.value()) states.push_back(each.states);
    return states;
  }

  testing::Scratch scratch_;
};

using Texts = std::vector<std::string>;

TEST_F(PolicyStatesTest, WithoutFsmsThereIsOneState) {
  const auto all = in_all_states(read("outbound = drop\n"));
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().states, "");
  EXPECT_EQ(pairs("outbound = drop\n", "outbound = fwd(B)\n"), Texts{""});
}

TEST_F(PolicyStatesTest, OneStateOfEachKindIsLookedAt) {
  const auto all = in_all_states(read(meter("level < 2 -> fwd(B); else -> drop")));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].states, "meter: level=0");
  EXPECT_EQ(all[1].states, "meter: level=2");
}

TEST_F(PolicyStatesTest, AnFsmThatMovesAlikeIsInTheSameStateInBoth) {
  EXPECT_EQ(
      pairs(meter("level < 2 -> fwd(B); else -> drop"), meter("level < 1 -> fwd(B); else -> drop")),
      (Texts{"meter: level=0", "meter: level=1", "meter: level=2"}));
}

TEST_F(PolicyStatesTest, AnyOtherIsInAnyState) {
  const Texts both{
      "meter before: level=0; gate now: level=0", "meter before: level=2; gate now: level=0",
      "meter before: level=0; gate now: level=1", "meter before: level=2; gate now: level=1"};
  EXPECT_EQ(pairs(meter("level < 2 -> fwd(B); else -> drop"),
                  meter("level < 1 -> fwd(B); else -> drop", "gate")),
            both);
  EXPECT_EQ(pairs("outbound = drop\n", meter("level < 1 -> fwd(B); else -> drop")),
            (Texts{"meter now: level=0", "meter now: level=1"}));
}

}  // namespace
}  // namespace fabrix::app
