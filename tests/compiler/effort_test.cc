#include "compiler/effort.h"

#include <random>
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
    return steps_and_bound(std::move(clauses)).first;
  }

  // And the least of 1, 2, 4, ... that takes_at_most() is sure of; 0: of none.
  std::pair<std::uint64_t, std::uint64_t> steps_and_bound(std::vector<Clause> clauses) {
    const policy::ClauseList list = list_of(std::move(clauses));
    const Subject subject{participant(0), policy::Direction::kOutbound, "A.policy"};
    const Surroundings surroundings{world_.exchange, world_.routes, store_};
    Budget budget(1'000'000'000);
    const diagram::Limited limited(store_, budget);
    ClauseAnalysis analysis(list, subject, surroundings);
    std::uint64_t bound = 1;
    while (bound != 0 && !takes_at_most(bound, analysis)) bound *= 2;
    const std::uint64_t before = budget.taken();
    try_out(analysis);
    const std::uint64_t taken = budget.taken() - before;
    store_.collect({});
    return {taken, bound};
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

// Random clauses on a few values of some fields, some of which overlap.
TEST_F(Effort, IsAtMostWhatShowsAtOnce) {
  std::mt19937 random(1);
  const auto below = [&random](std::uint64_t bound) { return random() % bound; };
  const auto interval = [&](std::uint64_t width) {
    const std::uint64_t low = below(50) * width;
    return policy::Interval{low, low + below(width)};
  };
  const auto condition = [&] {
    return all_of({port_test(net::Field::kSrcPort, {interval(3)}),
                   any_of({port_test(net::Field::kDstPort, {interval(2)}),
                           test(net::Field::kSrcIp4, {interval(7), {1000, 2000}})})});
  };
  const auto verdict = [&]() -> policy::Verdict {
    if (below(4) == 0) return policy::Drop{};
    const auto target = participant(1 + static_cast<unsigned>(below(2)));
    if (below(4) == 0) return policy::Multicast{{{participant(1), {}}, {participant(2), {}}}};
    return fwd(target);
  };
  int known = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<Clause> clauses;
    for (std::uint64_t count = 1 + below(6); count > 0; --count) {
      clauses.push_back(clause(condition(), verdict()));
    }
    const auto [taken, bound] = steps_and_bound(std::move(clauses));
    if (bound == 0) continue;
    ++known;
    EXPECT_LE(taken, bound);
  }
  EXPECT_GT(known, 100);
}

TEST_F(Effort, DoesNotShowAtOnceWhereClausesOverlapOrExclude) {
  EXPECT_EQ(steps_and_bound(stairs(3, policy::Drop{})).second, 0U);
  EXPECT_EQ(steps_and_bound({clause(not_of(dst_port(80)), policy::Drop{})}).second, 0U);
  EXPECT_NE(steps_and_bound({clause(dst_port(80), policy::Drop{})}).second, 0U);
}

}  // namespace
}  // namespace fabrix::compiler
