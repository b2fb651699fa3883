#include "controller/fsm_states.h"

#include <gtest/gtest.h>

#include "policy/parse.h"

namespace fabrix::controller {
namespace {

using std::chrono::minutes;

constexpr std::string_view kText =
    "event authenticated : bool\n"
    "event infected : bool from ids\n"
    "event report : {flow} from ids\n"
    "fsm auth per srcip {\n"
    "  var state : {out, in}\n"
    "  on authenticated when value { state = in }\n"
    "  on authenticated { state = out }\n"
    "  timeout 30m -> { state = out }\n"
    "  policy = case { state == in -> identity; else -> drop }\n"
    "}\n"
    "fsm ids per (srcip, dstport) {\n"
    "  var infected : bool\n"
    "  on infected { infected = value }\n"
    "  on report { infected = true }\n"
    "  policy = case { infected -> drop; else -> identity }\n"
    "}\n"
    "outbound = auth >> ids\n";

std::shared_ptr<const policy::FsmPolicy> policy_of(std::string_view text) {
  policy::SymbolTable symbols;
  symbols.participants = {{"A", {0}, {{"a1", {0}, {1}}}, false}};
  auto parsed = policy::parse(text, "A.policy", symbols);
  EXPECT_TRUE(parsed) << render(parsed.error(), text);
  return parsed ? parsed->fsms : nullptr;
}

class FsmStatesTest : public ::testing::Test {
 protected:
  // What the event does, in words; or why it does nothing.
  std::string tell(const FsmEvent& event, std::size_t limit = 4096) {
    auto change = apply(*policy_, states_, event, now_, limit);
    if (!change) return change.error().message;
    states_ = change->states;
    std::string text;
    for (const FsmMove& move : change->moves) {
      const policy::Machine& machine = policy_->machines()[move.machine];
      text += machine.name + " " + policy::describe_class(machine, move.key) + " " +
              policy::describe(machine, move.to) + ";";
    }
    return text;
  }
  std::string authenticated(const std::string& source, const std::string& value) {
    return tell({"authenticated", "", {{"srcip", source}, {"value", value}}});
  }

  std::shared_ptr<const policy::FsmPolicy> policy_ = policy_of(kText);
  FsmStates states_ = initial_states(*policy_);
  FsmTime now_{};
};

TEST_F(FsmStatesTest, AnInstanceExistsWhereItsStateIsNotTheInitialOne) {
  EXPECT_EQ(authenticated("10.0.0.1", "false"), "");
  EXPECT_EQ(states_.count(), 0U);
  EXPECT_EQ(authenticated("10.0.0.1", "true"), "auth srcip=10.0.0.1 state=in;");
  EXPECT_EQ(authenticated("10.0.0.1", "true"), "");
  EXPECT_EQ(authenticated("2001:db8::1", "true"), "auth srcip=2001:db8::1 state=in;");
  EXPECT_EQ(states_.count(), 2U);
  EXPECT_EQ(states_.instances()[0].size(), 2U);
  EXPECT_EQ(authenticated("10.0.0.1", "false"), "auth srcip=10.0.0.1 state=out;");
  EXPECT_EQ(states_.count(), 1U);
}

TEST_F(FsmStatesTest, RefusesWhatMakesNoSense) {
  EXPECT_EQ(tell({"authentcated", "", {}}),
            "no event is called 'authentcated'; did you mean authenticated?");
  EXPECT_EQ(tell({"authenticated", "", {{"srcip", "10.0.0.1"}}}),
            "event 'authenticated' needs a value: false, true");
  EXPECT_EQ(authenticated("10.0.0.1", "yes"),
            "'yes' is no value of event 'authenticated': false, true");
  EXPECT_EQ(authenticated("10.0.0.0/8", "true"), "'10.0.0.0/8' is no srcip");
  EXPECT_EQ(tell({"authenticated", "", {{"value", "true"}}}),
            "event 'authenticated' needs srcip: it is for fsm 'auth', which is per srcip");
  EXPECT_EQ(tell({"authenticated", "", {{"srcip", "1.1.1.1"}, {"scrip", "x"}, {"value", "true"}}}),
            "event 'authenticated' has no field 'scrip'; did you mean srcip?");
  EXPECT_EQ(
      tell({"authenticated", "", {{"srcip", "1.1.1.1"}, {"srcip", "1.1.1.2"}, {"value", "true"}}}),
      "'srcip' is given twice");
  EXPECT_EQ(tell({"infected", "me", {{"srcip", "1.1.1.1"}, {"dstport", "80"}, {"value", "true"}}}),
            "event 'infected' comes from 'ids' only");
  EXPECT_EQ(states_.count(), 0U);
}

TEST_F(FsmStatesTest, AnEventWithOneValueNeedsNone) {
  EXPECT_EQ(tell({"report", "ids", {{"srcip", "10.0.0.1"}, {"dstport", "443"}}}),
            "ids srcip=10.0.0.1, dstport=443 infected=true;");
}

TEST_F(FsmStatesTest, TheNumberOfInstancesIsBounded) {
  const FsmEvent first{"authenticated", "", {{"srcip", "10.0.0.1"}, {"value", "true"}}};
  const FsmEvent second{"authenticated", "", {{"srcip", "10.0.0.2"}, {"value", "true"}}};
  const FsmEvent back{"authenticated", "", {{"srcip", "10.0.0.1"}, {"value", "false"}}};
  EXPECT_EQ(tell(first, 1), "auth srcip=10.0.0.1 state=in;");
  EXPECT_EQ(tell(second, 1),
            "1 instances are not in their initial state, and more there may not be");
  EXPECT_EQ(states_.count(), 1U);
  EXPECT_EQ(tell(back, 1), "auth srcip=10.0.0.1 state=out;");
  EXPECT_EQ(tell(second, 1), "auth srcip=10.0.0.2 state=in;");
}

TEST_F(FsmStatesTest, TimesOutAfterItsLastEvent) {
  EXPECT_FALSE(next_timeout(*policy_, states_));
  authenticated("10.0.0.1", "true");
  now_ += minutes(20);
  authenticated("10.0.0.2", "true");
  authenticated("10.0.0.1", "true");  // still in: the clock starts anew
  now_ += minutes(20);
  EXPECT_EQ(next_timeout(*policy_, states_), FsmTime{} + minutes(50));
  EXPECT_TRUE(expire(*policy_, states_, now_).moves.empty());
  now_ += minutes(10);
  const FsmChange change = expire(*policy_, states_, now_);
  EXPECT_EQ(change.moves.size(), 2U);
  EXPECT_EQ(change.states.count(), 0U);
}

TEST_F(FsmStatesTest, StatesStayWithAnFsmThatMovesAlike) {
  authenticated("10.0.0.1", "true");
  tell({"infected", "ids", {{"srcip", "10.0.0.1"}, {"dstport", "80"}, {"value", "true"}}});
  std::string other;
  EXPECT_EQ(carry_over(*policy_, states_, *policy_).count(), 2U);
  other = kText;
  other.replace(other.find("30m"), 3, "31m");  // auth is another one
  const auto later = policy_of(other);
  const FsmStates kept = carry_over(*policy_, states_, *later);
  EXPECT_EQ(kept.machines[0]->size(), 0U);
  EXPECT_EQ(kept.machines[1]->size(), 1U);
  other = kText;
  other.replace(other.find("-> identity; else -> drop"), 25, "-> drop; else -> identity");
  EXPECT_EQ(carry_over(*policy_, states_, *policy_of(other)).count(), 2U);
}

}  // namespace
}  // namespace fabrix::controller
