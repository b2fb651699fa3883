// States that come again: the same Policy, the same rows, and what a compilation from nothing makes
// of them.
#include "controller/fsm_readings.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "policy/parse.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kGate =
    "event authenticated : bool\n"
    "event failed : bool\n"
    "event alarmed : bool\n"
    "fsm auth per srcip {\n"
    "  var state : {out, in}\n"
    "  var failures : 0..3\n"
    "  on authenticated when value { state = in }\n"
    "  on authenticated { state = out; failures = 0 }\n"
    "  on failed { failures = failures + 1 }\n"
    "  policy = case { state == in -> identity; else -> drop }\n"
    "}\n"
    "fsm alarm {\n"
    "  var on : bool\n"
    "  on alarmed { on = value }\n"
    "  policy = case { on -> drop; else -> identity }\n"
    "}\n"
    "outbound = auth >> alarm >> ((match(dstport=80) & dst_in(prefixes(B))) >> fwd(B) // fwd(C))\n"
    "inbound = (match(dstport=22) & in_state(alarm, on)) >> drop\n";

class FsmReadingsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    policy::SymbolTable symbols;
    symbols.participants = {{"A", {0}, {{"a1", {0}, {1}}}, false},
                            {"B", {1}, {{"b1", {1}, {2}}}, true},
                            {"C", {2}, {{"c1", {2}, {3}}}, true}};
    auto parsed = policy::parse(kGate, "A.policy", symbols);
    ASSERT_TRUE(parsed) << render(parsed.error(), kGate);
    fsms_ = parsed->fsms;
    initial_ = initial_states(*fsms_);
    readings_.begin(fsms_, initial_, some_);
  }
  FsmStates after(const FsmStates& states, const std::string& event, const std::string& source,
                  const std::string& value) {
    const auto change = apply(*fsms_, states, {event, "", {{"srcip", source}, {"value", value}}},
                              FsmTime{}, kMaxReadInstances);
    EXPECT_TRUE(change);
    return change->states;
  }

  std::shared_ptr<const policy::FsmPolicy> fsms_;
  FsmStates initial_;
  std::shared_ptr<const policy::Policy> some_ = std::make_shared<policy::Policy>();
  FsmReadings readings_;
};

TEST_F(FsmReadingsTest, FindsStatesThatReadAlike) {
  EXPECT_EQ(readings_.find(initial_), some_);
  // What nothing in the policy asks for.
  const auto failed = after(initial_, "failed", "10.0.0.1", "true");
  EXPECT_EQ(failed.count(), 1U);
  EXPECT_EQ(readings_.find(failed), some_);
  const auto in = after(failed, "authenticated", "10.0.0.1", "true");
  EXPECT_EQ(readings_.find(in), nullptr);
  const auto other = std::make_shared<policy::Policy>();
  readings_.keep(in, other);
  EXPECT_EQ(readings_.find(in), other);
  EXPECT_EQ(readings_.find(after(initial_, "authenticated", "10.0.0.1", "true")), other);
  EXPECT_EQ(readings_.find(after(initial_, "authenticated", "10.0.0.2", "true")), nullptr);
  EXPECT_EQ(readings_.find(after(in, "authenticated", "10.0.0.1", "false")), some_);
}

TEST_F(FsmReadingsTest, AnotherPolicyForgetsAllOfThem) {
  readings_.begin(fsms_, after(initial_, "authenticated", "10.0.0.1", "true"), nullptr);
  EXPECT_EQ(readings_.find(initial_), some_);
  const auto again = policy::parse(kGate, "A.policy", fsms_->symbols());
  ASSERT_TRUE(again);
  const auto other = std::make_shared<policy::Policy>();
  readings_.begin(again->fsms, initial_, other);
  EXPECT_EQ(readings_.size(), 1U);
  EXPECT_EQ(readings_.find(initial_), other);
}

TEST_F(FsmReadingsTest, TheLeastRecentlyUsedGoes) {
  for (std::size_t i = 1; i < kMaxReadings; ++i) {
    readings_.keep(after(initial_, "authenticated", fmt::format("10.0.0.{}", i), "true"), some_);
  }
  EXPECT_EQ(readings_.find(initial_), some_);
  readings_.keep(after(initial_, "authenticated", "10.0.1.1", "true"), some_);
  EXPECT_EQ(readings_.size(), kMaxReadings);
  EXPECT_EQ(readings_.find(initial_), some_);
  EXPECT_EQ(readings_.find(after(initial_, "authenticated", "10.0.0.1", "true")), nullptr);
  EXPECT_EQ(readings_.find(after(initial_, "authenticated", "10.0.0.2", "true")), some_);
}

// Random histories of events, routes, ports and policies.
class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {
    for (const char* each : {"b1", "c1", "d1"}) announce(each);
    set_gate("A");
    set_gate("D");
  }

  void step() {
    constexpr std::uint32_t kKinds = 12;
    const std::uint32_t kind = pick(kKinds);
    if (kind == 0) announce(pick(2) == 0 ? "b1" : "c2");
    if (kind == 1) world_.withdraw("b1", prefix());
    if (kind == 2) world_.set_port(pick(2) == 0 ? "c1" : "a2", pick(2) == 0);
    if (kind == 3 && pick(8) == 0) set_gate("A");
    if (kind == 4) world_.set_policy("C", pick(2) == 0 ? "" : kCounting);
    if (kind > 4) tell();
  }

  // What a compiler that has seen nothing of it makes of the present.
  void expect_as_from_nothing() {
    const Controller& controller = world_.controller();
    compiler::Compiler fresh(controller.exchange(), controller.route_server());
    for (const exchange::Participant& each : controller.exchange().participants) {
      const auto& policy = controller.world().policies[each.id.index()];
      ASSERT_TRUE(fresh.set_policy(each.id, policy, "test.policy"));
    }
    for (const exchange::Router& each : controller.exchange().routers) {
      fresh.set_port(each.id, controller.world().port_up[each.id.index()]);
    }
    const auto program = fresh.compile(Controller::Clock::now()).program;
    for (std::size_t i = 0; i < program::kTableCount; ++i) {
      EXPECT_EQ(program->tables.at(i), controller.installed()->tables.at(i)) << "table " << i;
    }
  }
  std::uint64_t refused() { return world_.controller().counters().refused; }

 private:
  static constexpr const char* kCounting = "inbound = match(dstport=53) >> count_packets(10s)\n";

  std::uint32_t pick(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }
  std::string prefix() { return fmt::format("140.0.{}.0/24", pick(4)); }
  void announce(const char* router) { world_.announce(router, prefix()); }
  void set_gate(const char* member) {
    ASSERT_EQ(world_.set_policy(member, std::string(kGate)), "");
  }
  void tell() {
    const char* const member = pick(2) == 0 ? "A" : "D";
    const char* const value = pick(2) == 0 ? "true" : "false";
    const auto source = fmt::format("10.0.0.{}", 1 + pick(3));
    const std::uint32_t kind = pick(4);
    const FsmEvent event =
        kind == 0   ? FsmEvent{"alarmed", "", {{"value", value}}}
        : kind == 1 ? FsmEvent{"failed", "", {{"srcip", source}, {"value", value}}}
                    : FsmEvent{"authenticated", "", {{"srcip", source}, {"value", value}}};
    EXPECT_TRUE(world_.controller().event(world_.id_of(member), event, FsmTime{}));
    world_.settle();
  }

  std::mt19937 random_;
  World world_;
};

TEST(FsmReadingsPropertyTest, StatesThatComeAgainAreWhatACompilationFromNothingMakes) {
  for (std::uint32_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    for (int i = 0; i < 60; ++i) {
      SCOPED_TRACE(i);
      history.step();
      history.expect_as_from_nothing();
      if (testing::Test::HasFailure()) return;
    }
    EXPECT_EQ(history.refused(), 0U);
  }
}

}  // namespace
}  // namespace fabrix::controller
