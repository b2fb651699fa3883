#include "policy/fsm_condition.h"

#include <gtest/gtest.h>

#include "tests/policy/fsm_world.h"

namespace fabrix::policy {
namespace {

// Of `check PROPERTY`.
std::string help_for(std::string_view condition) {
  const CheckedText checked = checked_fsms(
      "event e : bool\nfsm f {\nvar state : {outside, in}\nvar n : 3..7\non e { state = in }\n"
      "policy = drop\ncheck " +
      std::string(condition) + "\n}\n");
  return checked.diagnostics.empty() ? "" : checked.diagnostics[0].help;
}

TEST(FsmCondition, HelpsWithNamesAndValues) {
  EXPECT_EQ(help_for("AG stat == in"), "did you mean 'state'?");
  EXPECT_EQ(help_for("AG state == outsde"), "did you mean 'outside'?");
  EXPECT_EQ(help_for("AG n == 9"), "values: 3..7");
  EXPECT_EQ(help_for("AG colour"), "variables: state, n");
  EXPECT_EQ(help_for("AG state"), "compare it: state == outside");
  EXPECT_EQ(help_for("AG value"), "only a reaction to an event knows its value");
  EXPECT_EQ(help_for("AG n < 99"), "");
}

TEST(FsmCondition, KnowsNumbersFromNames) {
  EXPECT_TRUE(is_numeric({"3", "4", "5"}));
  EXPECT_FALSE(is_numeric({"3", "5"}));
  EXPECT_FALSE(is_numeric({"03"}));
  EXPECT_FALSE(is_numeric({"a"}));
  EXPECT_EQ(listed({"3", "4", "5"}), "3..5");
  EXPECT_EQ(listed({"a", "b"}), "a, b");
}

}  // namespace
}  // namespace fabrix::policy
