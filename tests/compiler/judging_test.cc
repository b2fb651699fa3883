#include "compiler/judging.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/predicate_diagram.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using Kind = policy::Shape::Kind;

// Clauses of a port each, and one that says otherwise of the first one's packets; the last is
// hidden by the one before.
policy::Policy policy_with(std::size_t clauses, bool is_ambiguous) {
  std::vector<policy::Clause> all;
  for (std::size_t i = 0; i + 2 < clauses; ++i) {
    all.push_back(clause(dst_port(static_cast<std::uint16_t>(1000 + i)), fwd(participant(1))));
  }
  const auto last = static_cast<std::uint16_t>(1000 + clauses);
  all.push_back(clause(dst_port(is_ambiguous ? 1000 : last), fwd(participant(2))));
  all.push_back(clause(dst_port(last), fwd(participant(2))));
  policy::Policy policy;
  policy.outbound = list_of(std::move(all), is_ambiguous ? Kind::kParallel : Kind::kRanked);
  return policy;
}

std::vector<std::string> codes_of(const Result<Judging::Diagnostics, Judging::Diagnostics>& told) {
  std::vector<std::string> codes;
  for (const Diagnostic& each : told ? *told : told.error()) codes.push_back(each.code);
  return codes;
}

class JudgingTest : public testing::TestWithParam<std::size_t> {
 protected:
  World world_{{1, 1, 2}};
  diagram::Store store_{policy_field_widths()};
  Surroundings surroundings_{world_.exchange, world_.routes, store_};
};

TEST_P(JudgingTest, SaysWhatJudgeSays) {
  for (const bool is_ambiguous : {false, true}) {
    const policy::Policy policy = policy_with(GetParam(), is_ambiguous);
    const auto said = outcome_of(judge(participant(0), policy, "A.policy", surroundings_));
    Judging judging(participant(0), &policy, "A.policy", surroundings_);
    const auto told = judging.take();
    EXPECT_EQ(told.has_value(), !is_ambiguous);
    EXPECT_EQ(codes_of(told), codes_of(said));
    EXPECT_EQ(codes_of(told), std::vector<std::string>{is_ambiguous ? "P0301" : "P0310"});
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, JudgingTest,
                         testing::Values(4, Judging::kMany - 1, Judging::kMany, 1000));

TEST(JudgingOfNothingTest, HasNothingToSay) {
  const World world{{1, 1, 2}};
  diagram::Store store{policy_field_widths()};
  Judging judging(participant(0), nullptr, "", {world.exchange, world.routes, store});
  const auto told = judging.take();
  ASSERT_TRUE(told);
  EXPECT_TRUE(told->empty());
}

}  // namespace
}  // namespace fabrix::compiler
