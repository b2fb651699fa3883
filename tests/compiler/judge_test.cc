#include "compiler/judge.h"

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "compiler/compiler.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using net::Field;
using policy::Clause;
using Kind = policy::Shape::Kind;

PredicatePtr random_block(Field field, std::mt19937& random) {
  const unsigned length = 1 + random() % 4;
  const auto first = static_cast<std::uint8_t>(random());
  const auto second = static_cast<std::uint8_t>(random());
  return in_block4(field,
                   *net::Prefix::containing(net::IpAddress::v4({first, second, 0, 0}), length));
}

PredicatePtr random_ports(Field field, std::mt19937& random) {
  const std::uint64_t a = random() % 65536;
  const std::uint64_t b = random() % 65536;
  return port_test(field, {{std::min(a, b), std::max(a, b)}});
}

// Clauses each about random ranges of four fields: a box that cuts most others.
std::vector<Clause> random_boxes(std::size_t count) {
  std::mt19937 random{20261122};
  std::vector<Clause> clauses;
  for (std::size_t i = 0; i < count; ++i) {
    clauses.push_back(clause(
        all_of({random_block(Field::kSrcIp4, random), random_block(Field::kDstIp4, random),
                random_ports(Field::kSrcPort, random), random_ports(Field::kDstPort, random)}),
        fwd(participant(1 + random() % 2))));
  }
  return clauses;
}

PredicatePtr bit(Field field, unsigned i) {
  const std::uint64_t width = std::uint64_t{1} << i;
  std::vector<policy::Interval> set;
  for (std::uint64_t low = width; low < 65536; low += 2 * width)
    set.push_back({low, low + width - 1});
  return port_test(field, std::move(set));
}

// One condition: both ports have the same bits, each of which is a test of its own.
PredicatePtr equal_ports() {
  std::vector<PredicatePtr> all;
  for (unsigned i = 0; i < 14; ++i) {
    const auto one = bit(Field::kSrcPort, i);
    const auto other = bit(Field::kDstPort, i);
    all.push_back(any_of({all_of({one, other}), all_of({not_of(one), not_of(other)})}));
  }
  return all_of(std::move(all));
}

// Ranked clauses each about a bit of either port: the first that holds depends on all of them.
std::vector<Clause> sums_of_bits() {
  std::vector<Clause> clauses;
  for (unsigned i = 0; i < 16; ++i) {
    clauses.push_back(clause(all_of({bit(Field::kSrcPort, i), bit(Field::kDstPort, 15 - i)}),
                             fwd(participant(1 + i % 2))));
  }
  return clauses;
}

std::vector<Clause> negated_boxes(std::size_t count) {
  std::vector<PredicatePtr> none;
  for (const Clause& each : random_boxes(count)) none.push_back(not_of(each.when));
  return {clause(all_of(std::move(none)), fwd(participant(1)))};
}

// A thousand boxes in each of many clauses.
std::vector<Clause> many_boxes() {
  std::vector<PredicatePtr> factors;
  std::mt19937 random{1};
  for (unsigned i = 0; i < 9; ++i) {
    factors.push_back(any_of({random_ports(i % 2 == 0 ? Field::kSrcPort : Field::kDstPort, random),
                              random_block(i % 3 == 0 ? Field::kSrcIp4 : Field::kDstIp4, random)}));
  }
  std::vector<Clause> clauses;
  for (unsigned i = 0; i < 2000; ++i) {
    std::vector<PredicatePtr> all = factors;
    all.push_back(test(Field::kDscp, {{i % 64, i % 64}}));
    clauses.push_back(clause(all_of(std::move(all)), fwd(participant(1 + i % 2))));
  }
  return clauses;
}

class Judging : public testing::Test {
 protected:
  Findings judged(const policy::Policy& policy, std::uint64_t steps = kPolicySteps) {
    Budget budget(steps);
    const diagram::Limited limited(store_, budget);
    Findings found =
        judge(participant(0), policy, "A.policy", {world_.exchange, world_.routes, store_});
    taken_ = budget.taken();
    return found;
  }

  World world_{{1, 1, 2}};
  diagram::Store store_{policy_field_widths()};
  std::uint64_t taken_ = 0;
};

struct Shape {
  const char* name;
  std::function<std::vector<Clause>()> clauses;
};

TEST_F(Judging, RefusesWhatTakesTooMuchInWhateverShape) {
  const std::size_t empty = store_.size();
  for (const auto& [name, clauses] :
       {Shape{"boxes", [] { return random_boxes(400); }},
        Shape{"equal ports",
              [] { return std::vector{clause(equal_ports(), fwd(participant(1)))}; }},
        Shape{"bits", sums_of_bits}, Shape{"negations", [] { return negated_boxes(200); }},
        Shape{"many boxes", many_boxes}}) {
    for (const Kind kind : {Kind::kRanked, Kind::kParallel}) {
      SCOPED_TRACE(name);
      policy::Policy policy;
      policy.outbound = list_of(clauses(), kind);
      policy.overlap_first = kind == Kind::kParallel;
      const Findings found = judged(policy, kPolicySteps / 50);
      ASSERT_EQ(found.errors.size(), 1U);
      EXPECT_EQ(found.errors[0].code, "P0412");
      EXPECT_EQ(found.errors[0].file, "A.policy");
      EXPECT_FALSE(found.errors[0].help.empty());
      EXPECT_TRUE(found.warnings.empty());
      EXPECT_EQ(store_.size(), empty) << "what was begun is given back";
    }
  }
}

TEST_F(Judging, HasPlentyForManyOrdinaryClauses) {
  std::vector<Clause> clauses;
  for (unsigned i = 0; i < 2000; ++i) {
    const auto block =
        *net::Prefix::containing(net::IpAddress::v4({10, static_cast<std::uint8_t>(i / 256),
                                                     static_cast<std::uint8_t>(i), 0}),
                                 24);
    clauses.push_back(clause(all_of({in_block4(Field::kDstIp4, block),
                                     dst_port(static_cast<std::uint16_t>(i % 2 == 0 ? 80 : 443))}),
                             fwd(participant(1 + i % 2))));
  }
  policy::Policy policy;
  policy.outbound = list_of(std::move(clauses), Kind::kParallel);
  const Findings found = judged(policy);
  EXPECT_TRUE(found.errors.empty());
  EXPECT_LT(taken_, kPolicySteps / 5);
}

TEST_F(Judging, TakesTheSameStepsEachTime) {
  policy::Policy policy;
  policy.outbound = list_of(random_boxes(12));
  EXPECT_TRUE(judged(policy).errors.empty());
  const std::uint64_t first = taken_;
  EXPECT_GT(first, 0U);
  EXPECT_TRUE(judged(policy).errors.empty());
  EXPECT_EQ(taken_, first);
  EXPECT_TRUE(judged(policy, first).errors.empty()) << "just enough";
  EXPECT_EQ(judged(policy, first - 1).errors.front().code, "P0412") << "one too few";
}

// The one before stays in force, and another one is judged as ever.
TEST_F(Judging, ARefusedPolicyChangesNothing) {
  Compiler compiler(world_.exchange, world_.routes);
  const auto good = policy_of(list_of({clause(dst_port(80), fwd(participant(1)))}));
  ASSERT_TRUE(compiler.set_policy(participant(0), good, "A.policy"));
  const auto before = compiler.compile(at(std::chrono::seconds(0))).program;
  const auto refused = compiler.set_policy(
      participant(0), policy_of(list_of({clause(equal_ports(), fwd(participant(1)))})), "A.policy");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "P0412");
  EXPECT_EQ(compiler.compile(at(std::chrono::seconds(1))).program, before);
  EXPECT_TRUE(compiler.set_policy(participant(0), good, "A.policy"));
  EXPECT_EQ(*compiler.compile(at(std::chrono::seconds(2))).program, *before);
}

}  // namespace
}  // namespace fabrix::compiler
