#include "compiler/effort.h"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using policy::Clause;

class Effort : public testing::Test {
 protected:
  std::uint64_t steps_of(std::vector<Clause> clauses) {
    const policy::ClauseList list = list_of(std::move(clauses));
    const Subject subject{participant(0), policy::Direction::kOutbound, "A.policy"};
    const Surroundings surroundings{world_.exchange, world_.routes, store_};
    Budget budget(1'000'000'000);
    const diagram::Limited limited(store_, budget);
    ClauseAnalysis analysis(list, subject, surroundings);
    const std::uint64_t before = budget.taken();
    try_out(analysis);
    const std::uint64_t taken = budget.taken() - before;
    store_.collect({});
    return taken;
  }

  // Ranges of two fields, each of which cuts all others.
  static std::vector<Clause> stairs(std::uint16_t count, const policy::Verdict& verdict) {
    std::vector<Clause> clauses;
    for (std::uint16_t i = 0; i < count; ++i) {
      const auto first = static_cast<std::uint64_t>(i);
      clauses.push_back(clause(
          all_of({port_test(net::Field::kSrcPort, {{first * 10, 40000 + first * 10}}),
                  port_test(net::Field::kDstPort, {{30000 - first * 10, 50000 - first * 10}})}),
          verdict));
    }
    return clauses;
  }

  World world_{{1, 1, 2}};
  diagram::Store store_{policy_field_widths()};
};

TEST_F(Effort, GrowsWithWhatOverlaps) {
  const auto few = steps_of(stairs(10, policy::Drop{}));
  const auto many = steps_of(stairs(40, policy::Drop{}));
  EXPECT_GT(few, 0U);
  EXPECT_GT(many, 8 * few) << "four times as many clauses";
}

// Where the first that holds may not apply, the next one counts, too.
TEST_F(Effort, IsGreaterWhereTargetsMayBeUnreachable) {
  std::vector<Clause> clauses = stairs(30, policy::Drop{});
  const auto certain = steps_of(clauses);
  for (std::size_t i = 0; i < clauses.size(); ++i) clauses[i].verdict = fwd(participant(1 + i % 2));
  EXPECT_GT(steps_of(clauses), certain);
}

TEST_F(Effort, IsAFewStepsAClauseWhereNoneOverlap) {
  std::vector<Clause> clauses;
  for (std::uint16_t i = 0; i < 1000; ++i) clauses.push_back(clause(dst_port(i), policy::Drop{}));
  EXPECT_LT(steps_of(std::move(clauses)), 100U * 1000U);
}

}  // namespace
}  // namespace fabrix::compiler
