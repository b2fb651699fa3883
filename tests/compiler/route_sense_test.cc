#include "compiler/route_sense.h"

#include <memory>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

policy::OnRoute length_is(std::uint64_t length, policy::Side side) {
  policy::RouteTests tests;
  tests.all.emplace_back(
      policy::RouteNumberTest{policy::RouteNumber::kPrefixLength, {{length, length}}});
  return {.tests = std::make_shared<const policy::RouteTests>(std::move(tests)), .side = side};
}

TEST(RouteSenseTest, QuestionsAreKnownByWhatTheyAsk) {
  using enum policy::Side;
  const World world({1, 1});
  const std::vector<policy::OnRoute> questions{length_is(8, kSource), length_is(8, kDestination),
                                               length_is(9, kSource)};
  const RouteSense sense{.reachability = world.routes, .questions = questions};
  EXPECT_EQ(sense.number_of(length_is(8, kDestination)), 1U);
  EXPECT_EQ(sense.number_of(length_is(9, kSource)), 2U);
  EXPECT_TRUE(sense.has_fields());
}

}  // namespace
}  // namespace fabrix::compiler
