#include "compiler/kept_states.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fabrix::compiler
