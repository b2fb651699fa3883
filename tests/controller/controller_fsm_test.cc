// Events, time and the states of policies, through the whole controller on the simulated fabric.
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "controller/controller.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

using std::chrono::minutes;

constexpr std::string_view kNet = "140.0.0.0/24";
constexpr const char* kAuth =
    "event authenticated : bool\n"
    "fsm auth per srcip {\n"
    "  var state : {out, in}\n"
    "  on authenticated when value { state = in }\n"
    "  on authenticated { state = out }\n"
    "  timeout 30m -> { state = out }\n"
    "  policy = case { state == in -> fwd(C); else -> drop }\n"
    "}\n"
    "outbound = auth\n";

class ControllerFsmTest : public ::testing::Test {
 protected:
  void SetUp() override {
    world_.announce("b1", kNet);
    world_.announce("c1", kNet, World::path({300, 9}));
    EXPECT_EQ(world_.set_policy("A", kAuth), "");
  }
  Controller& controller() { return world_.controller(); }
  // Empty: done.
  std::string tell(const std::string& source, const std::string& value,
                   std::string_view participant = "A") {
    const auto told =
        controller().event(world_.id_of(participant),
                           {"authenticated", "", {{"srcip", source}, {"value", value}}}, now_);
    world_.settle();
    return told ? "" : told.error().error;
  }
  std::string arrives(const std::string& source) {
    return world_.send("a1", "tcp " + source + ":40000 -> 140.0.0.1:80");
  }
  std::size_t instances() {
    const auto view = controller().fsms(world_.id_of("A"));
    return view.states == nullptr ? 0 : view.states->count();
  }

  World world_;
  FsmTime now_ = Controller::Clock::now();
};

TEST_F(ControllerFsmTest, AnEventChangesWhatHappensToItsClass) {
  EXPECT_EQ(arrives("100.0.0.1"), "nowhere");
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  EXPECT_EQ(arrives("100.0.0.2"), "nowhere");
  EXPECT_EQ(tell("100.0.0.1", "false"), "");
  EXPECT_EQ(arrives("100.0.0.1"), "nowhere");
  EXPECT_TRUE(world_.take_notices().empty());
}

TEST_F(ControllerFsmTest, AnEventChangesRowsAndNothingThatMembersAreTold) {
  const auto next_hop = world_.next_hop("a1", "140.0.0.1");
  const auto neighbors = controller().installed()->neighbors;
  std::size_t told = 0;
  controller().on_output = [&told](routeserver::PeerId) { ++told; };
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  EXPECT_EQ(told, 0U);
  EXPECT_EQ(world_.next_hop("a1", "140.0.0.1"), next_hop);
  EXPECT_EQ(controller().installed()->neighbors, neighbors);
  controller().on_output = nullptr;
}

TEST_F(ControllerFsmTest, ARefusedEventChangesNothing) {
  const auto before = controller().installed();
  EXPECT_EQ(tell("100.0.0.1", "maybe"),
            "'maybe' is no value of event 'authenticated': false, true");
  EXPECT_EQ(tell("100.0.0.1", "true", "B"), "the policy of B has no fsm");
  auto exchange = controller().exchange();
  exchange.fsm_instances = 1;
  world_.reconfigure(exchange);
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  EXPECT_NE(tell("100.0.0.2", "true"), "");
  EXPECT_EQ(instances(), 1U);
  EXPECT_EQ(controller().counters().events, 1U);
  EXPECT_EQ(controller().counters().refused_events, 3U);
}

TEST_F(ControllerFsmTest, AnEventIsOfOnePolicyOnly) {
  EXPECT_EQ(world_.set_policy("B", kAuth), "");
  EXPECT_EQ(tell("100.0.0.1", "true", "B"), "");
  EXPECT_EQ(instances(), 0U);
  EXPECT_EQ(arrives("100.0.0.1"), "nowhere");
}

TEST_F(ControllerFsmTest, WhatTheFabricRefusesIsTakenBackWithItsState) {
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  world_.fabric().refuse_next_install(Error{"table full"});
  EXPECT_EQ(tell("100.0.0.2", "true"), "");
  world_.settle();
  EXPECT_EQ(instances(), 1U);
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  EXPECT_EQ(arrives("100.0.0.2"), "nowhere");
}

TEST_F(ControllerFsmTest, SilenceTimesOut) {
  std::optional<FsmTime> due;
  controller().on_wait = [&due](FsmTime at) { due = at; };
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  EXPECT_EQ(due, now_ + minutes(30));
  now_ += minutes(20);
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  controller().wake(*due);
  EXPECT_EQ(due, now_ + minutes(30));
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  controller().wake(*due);
  world_.settle();
  EXPECT_EQ(arrives("100.0.0.1"), "nowhere");
  EXPECT_EQ(controller().fsms(world_.id_of("A")).transitions->back().cause, "timeout");
  controller().on_wait = nullptr;
}

TEST_F(ControllerFsmTest, StatesSurviveAReloadAndAPolicyThatMovesAlike) {
  EXPECT_EQ(tell("100.0.0.1", "true"), "");
  world_.reconfigure(controller().exchange());
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  std::string other(kAuth);
  other.replace(other.find("fwd(C)"), 6, "fwd(B)");
  EXPECT_EQ(world_.set_policy("A", other), "");
  EXPECT_EQ(arrives("100.0.0.1"), "b1");
  EXPECT_EQ(arrives("100.0.0.2"), "nowhere");
  other.replace(other.find("30m"), 3, "40m");
  EXPECT_EQ(world_.set_policy("A", other), "");
  EXPECT_EQ(arrives("100.0.0.1"), "nowhere");
  world_.remove_policy("A");
  EXPECT_EQ(controller().fsms(world_.id_of("A")).policy, nullptr);
}

TEST_F(ControllerFsmTest, WhatIsAmbiguousInSomeStateIsRefusedWhenItIsSet) {
  std::string text(kAuth);
  text.replace(text.find("else -> drop"), 12, "else -> none");
  text.replace(text.find("outbound = auth"), 15, "outbound = auth + fwd(B)");
  EXPECT_NE(world_.set_policy("A", text).find("P0301"), std::string::npos);
}

// One instance each, so all states are foreseen.
constexpr const char* kGate =
    "event open : bool\n"
    "fsm gate {\n"
    "  var is : bool\n"
    "  on open { is = value }\n"
    "  policy = case { is -> fwd(C); else -> match(dstport=80) >> fwd(B) }\n"
    "}\n"
    "outbound = gate\n";

TEST_F(ControllerFsmTest, StatesAreForeseenAgainAfterAReload) {
  const net::ParticipantId a = world_.id_of("A");
  const auto open = [&](const std::string& value) {
    EXPECT_TRUE(controller().event(a, {"open", "", {{"value", value}}}, now_));
    world_.settle();
  };
  EXPECT_EQ(world_.set_policy("A", kGate), "");
  EXPECT_EQ(arrives("100.0.0.1"), "b1");
  const auto neighbors = controller().installed()->neighbors;
  world_.reconfigure(controller().exchange());
  EXPECT_EQ(arrives("100.0.0.1"), "b1");
  open("true");
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  EXPECT_EQ(controller().installed()->neighbors, neighbors);  // members are told nothing new
  open("false");
  EXPECT_EQ(arrives("100.0.0.1"), "b1");
  EXPECT_EQ(controller().installed()->neighbors, neighbors);
  EXPECT_EQ(controller().counters().refused, 0U);
}

// More rows than a policy may have, in a state that has not come: the gate's, or that of any of the
// instances that it might have.
TEST_F(ControllerFsmTest, WhatWouldBeRefusedInSomeStateIsRefusedWhenItIsLoaded) {
  std::string many = "(";
  for (int i = 0; i < 60; ++i) {
    many += fmt::format("{}(match(dstport={}-{}) >> balance(B, C, B, C, B, C, B, B))",
                        i == 0 ? "" : " // ", i, 20000 + i);
  }
  EXPECT_EQ(world_.set_policy("A", kGate), "");
  std::uint64_t refused = 0;
  for (const std::string fsm : {"fsm gate", "fsm gate per srcip"}) {
    SCOPED_TRACE(fsm);
    std::string text(kGate);
    text.replace(text.find("is -> fwd(C)"), 12, "is -> " + many + ")");
    text.replace(text.find("fsm gate"), 8, fsm);
    EXPECT_EQ(world_.set_policy("A", text), "");
    ASSERT_EQ(controller().counters().refused, ++refused);
    EXPECT_NE(controller().notices().back().text.find(
                  "policy of A taken back, in the states gate: is=true: "),
              std::string::npos)
        << controller().notices().back().text;
    EXPECT_EQ(*controller().policy_text(world_.id_of("A")), kGate);
    EXPECT_EQ(arrives("100.0.0.1"), "b1");
  }
}

// A packet to 140.0.0.1 sees two instances: each alone is well, and one of each is ambiguous.
TEST_F(ControllerFsmTest, WhatIsAmbiguousOnlyAfterAWriteIsRefusedWhenItComesAbout) {
  const std::string text =
      "event hot : bool\n"
      "fsm gate per dstip {\n"
      "  var is : bool\n"
      "  on hot { is = value }\n"
      "  policy = case { is -> fwd(B); else -> none }\n"
      "}\n"
      "outbound = (in_state(gate, ~is) >> fwd(C))\n"
      "         + (modify(dstip=140.0.0.9) >> gate)\n";
  EXPECT_EQ(world_.set_policy("A", text), "");
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  const auto told = controller().event(
      world_.id_of("A"), {"hot", "", {{"dstip", "140.0.0.9"}, {"value", "true"}}}, now_);
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().error, "the policy cannot be in the states that this leads to");
  ASSERT_EQ(told.error().diagnostics.size(), 1U);
  EXPECT_EQ(told.error().diagnostics.front().code, "P0301");
  world_.settle();
  EXPECT_EQ(arrives("100.0.0.1"), "c1");
  EXPECT_EQ(instances(), 0U);
}

TEST_F(ControllerFsmTest, KeepsTheLastTransitionsOnly) {
  for (std::size_t i = 0; i < kMaxTransitionsKept; ++i) {
    EXPECT_EQ(tell("100.0.0.1", i % 2 == 0 ? "true" : "false"), "");
  }
  EXPECT_EQ(tell("100.0.0.9", "true"), "");
  const auto& kept = *controller().fsms(world_.id_of("A")).transitions;
  EXPECT_EQ(kept.size(), kMaxTransitionsKept);
  EXPECT_EQ(to_string(kept.back()),
            "auth srcip=100.0.0.9: state=out -> state=in (authenticated=true)");
}

}  // namespace
}  // namespace fabrix::controller
