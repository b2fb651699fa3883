#include "compiler/kept_states.h"

#include <gtest/gtest.h>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using PolicyPtr = std::shared_ptr<const policy::Policy>;

CompiledState state_of(const PolicyPtr& policy, std::size_t rows = 1) {
  CompiledState state{.policy = policy, .outbound = {}, .receiver = {}};
  state.receiver.rows = std::make_shared<const std::vector<program::Row>>(rows);
  return state;
}

PolicyPtr a_policy() {
  return std::make_shared<policy::Policy>();
}

TEST(KeptStatesTest, GivesBackWhatItKeptOnce) {
  KeptStates kept;
  const auto one = a_policy();
  const auto other = a_policy();
  kept.keep(state_of(one), {});
  EXPECT_FALSE(kept.take(*other, {}));
  const auto state = kept.take(*one, {});
  ASSERT_TRUE(state);
  EXPECT_EQ(state->policy, one);
  EXPECT_FALSE(kept.take(*one, {}));
}

TEST(KeptStatesTest, WhatRestsOnSomethingElseIsOfNoUse) {
  KeptStates kept;
  const auto one = a_policy();
  kept.keep(state_of(one), {.surroundings = 1});
  EXPECT_FALSE(kept.take(*one, {.surroundings = 2}));
  EXPECT_EQ(kept.size(), 0U);
  // Other routes matter only to rows that depend on them.
  kept.keep(state_of(one), {.routes = 1});
  EXPECT_TRUE(kept.take(*one, {.routes = 2}));
  CompiledState bound = state_of(one);
  bound.receiver.prefix_sets = {participant(0)};
  kept.keep(std::move(bound), {.routes = 1});
  EXPECT_FALSE(kept.take(*one, {.routes = 2}));
}

TEST(KeptStatesTest, AnotherPolicyForgetsThem) {
  KeptStates kept;
  const auto one = a_policy();
  kept.keep(state_of(one), {});
  kept.begin(one);
  EXPECT_EQ(kept.present(), one);
  EXPECT_FALSE(kept.take(*one, {}));
}

TEST(KeptStatesTest, OfTooManyTheFirstGo) {
  KeptStates kept;
  std::vector<PolicyPtr> policies;
  for (std::size_t i = 0; i <= kMaxKeptStates; ++i) {
    policies.push_back(a_policy());
    kept.keep(state_of(policies.back()), {});
  }
  EXPECT_EQ(kept.size(), kMaxKeptStates);
  EXPECT_FALSE(kept.take(*policies.front(), {}));
  EXPECT_TRUE(kept.take(*policies[1], {}));
  kept.keep(state_of(policies[1], kMaxKeptRows - 10), {});
  EXPECT_EQ(kept.size(), 11U);
  EXPECT_TRUE(kept.take(*policies[1], {}));
}

// Counts how often it is asked what somebody announces.
class AskedTable : public RouteTable {
 public:
  using RouteTable::RouteTable;
  std::vector<net::Prefix> announced_by(net::ParticipantId announcer) const override {
    ++asked_;
    return RouteTable::announced_by(announcer);
  }
  int asked() const { return asked_; }

 private:
  mutable int asked_ = 0;
};

// A member that drops what comes to a port, and then what comes from another's prefixes: its rows
// cannot be made without asking for these.
class ForeseenTest : public testing::Test {
 protected:
  ForeseenTest() { routes_.announce(router(1), prefix("10.0.0.0/8")); }

  program::Program fresh(const PolicyPtr& policy) const {
    Compiler compiler(world_.exchange, routes_);
    EXPECT_TRUE(compiler.set_policy(participant(0), policy, ""));
    return *compiler.compile({}).program;
  }

  World world_{{1, 1}};
  AskedTable routes_{world_.exchange};
  Compiler compiler_{world_.exchange, routes_};
  Budget budget_{1'000'000};
  PolicyPtr first_ = policy_of({}, list_of({clause(dst_port(80), policy::Drop{})}));
  PolicyPtr then_ = policy_of(
      {}, list_of({clause(in_prefixes_of(participant(1), policy::Side::kSource), policy::Drop{})}));
};

TEST_F(ForeseenTest, AStateIsSwappedInAndNotCompiledWhenItComes) {
  ASSERT_TRUE(compiler_.set_policy(participant(0), first_, ""));
  const auto before = compiler_.compile({}).program;
  compiler_.foresee(participant(0), then_, budget_);
  EXPECT_EQ(compiler_.compile({}).program, before);
  const int asked = routes_.asked();
  EXPECT_GT(asked, 0);
  ASSERT_TRUE(compiler_.change_state(participant(0), then_, ""));
  EXPECT_EQ(routes_.asked(), asked);
  EXPECT_EQ(*compiler_.compile({}).program, fresh(then_));
  ASSERT_TRUE(compiler_.change_state(participant(0), first_, ""));
  EXPECT_EQ(*compiler_.compile({}).program, *before);
}

TEST_F(ForeseenTest, AStateIsCompiledWhenItComesIfItsRoutesHaveChanged) {
  ASSERT_TRUE(compiler_.set_policy(participant(0), first_, ""));
  compiler_.compile({});
  compiler_.foresee(participant(0), then_, budget_);
  const net::Prefix other = prefix("20.0.0.0/8");
  routes_.announce(router(1), other);
  compiler_.routes_changed({&other, 1});
  ASSERT_TRUE(compiler_.change_state(participant(0), then_, ""));
  EXPECT_EQ(*compiler_.compile({}).program, fresh(then_));
}

}  // namespace
}  // namespace fabrix::compiler
