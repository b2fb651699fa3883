#include "controller/read_policy.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kGate =
    "event low : bool\n"
    "fsm gate per srcip {\n"
    "  var shut : bool\n"
    "  on low { shut = value }\n"
    "  timeout 5m -> { shut = false }\n"
    "  policy = case { shut -> drop; else -> fwd(B) }\n"
    "}\n"
    "outbound = gate\n";

class ReadPolicyTest : public testing::Test {
 protected:
  Result<ReadPolicy, std::vector<Diagnostic>> read(std::string_view text,
                                                   const StatesBefore& before = {}) {
    return read_policy(compiler_, world_.exchange(), world_.id_of("A"), {text, "A.policy"}, before);
  }
  // The gate, shut for one source.
  ReadPolicy shut() {
    ReadPolicy gate = read(kGate).value();
    const FsmEvent low{"low", "", {{"srcip", "100.0.0.1"}, {"value", "true"}}};
    gate.states = apply(*gate.fsms, gate.states, low, {}, 10)->states;
    return gate;
  }

  World world_;
  compiler::Compiler compiler_{world_.exchange(), world_.controller().route_server()};
};

TEST_F(ReadPolicyTest, WithoutFsmsThereAreNoStates) {
  const auto plain = read("outbound = fwd(B)\n");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->fsms, nullptr);
  EXPECT_EQ(plain->policy->outbound.clauses.size(), 1U);
}

TEST_F(ReadPolicyTest, ANewPolicyIsInItsInitialStates) {
  const auto gate = read(kGate);
  ASSERT_TRUE(gate);
  EXPECT_EQ(gate->states.count(), 0U);
  EXPECT_EQ(gate->policy->outbound.clauses.size(), 1U);
}

TEST_F(ReadPolicyTest, StatesOfAnFsmThatMovesAlikeAreTakenOver) {
  const ReadPolicy before = shut();
  std::string text(kGate);
  text.replace(text.find("fwd(B)"), 6, "fwd(C)");
  const auto after = read(text, {.fsms = before.fsms.get(), .states = &before.states});
  ASSERT_TRUE(after);
  EXPECT_EQ(after->states.count(), 1U);
  EXPECT_GT(after->policy->outbound.clauses.size(), 1U);
  text.replace(text.find("5m"), 2, "6m");
  EXPECT_EQ(read(text, {.fsms = before.fsms.get(), .states = &before.states})->states.count(), 0U);
}

TEST_F(ReadPolicyTest, WhatIsWrongInARareStateIsAnError) {
  std::string text(kGate);
  text.replace(text.find("shut -> drop"), 12, "shut -> fwd(C) + fwd(B)");
  const auto wrong = read(text);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().front().code, "P0301");
}

}  // namespace
}  // namespace fabrix::controller
