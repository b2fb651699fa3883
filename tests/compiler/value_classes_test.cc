#include "compiler/value_classes.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using Intervals = std::vector<policy::Interval>;

// Every third value from `first` on.
Intervals thirds(std::uint64_t first, std::size_t count) {
  Intervals values;
  for (std::uint64_t i = 0; i < count; ++i) values.push_back({first + 3 * i, first + 3 * i});
  return values;
}

const policy::FieldTest& test_in(const PredicatePtr& predicate) {
  return std::get<policy::FieldTest>(predicate->node);
}

bool is_in(const Intervals& intervals, std::uint64_t value) {
  return std::ranges::any_of(intervals, [value](const policy::Interval& each) {
    return each.low <= value && value <= each.high;
  });
}

std::optional<ValueClasses> classes_of(const std::vector<PredicatePtr>& conditions) {
  std::vector<const policy::Predicate*> all;
  for (const PredicatePtr& each : conditions) all.push_back(each.get());
  return ValueClasses::of(all);
}

TEST(ValueClassesTest, ValuesOfAClassPassTheSameTests) {
  const std::vector<PredicatePtr> tests{
      test(net::Field::kSrcIp4, thirds(100, 60)), test(net::Field::kSrcIp4, thirds(130, 80)),
      test(net::Field::kSrcIp4, {{0, 7}, {0xffff0000, 0xffffffff}})};
  const auto classes = classes_of({all_of({ether_type(net::kEthTypeIpv4), tests[0]}),
                                   any_of({not_of(tests[1]), dst_port(80)}), tests[2], tests[0]});
  ASSERT_TRUE(classes);
  EXPECT_EQ(classes->field(), net::Field::kSrcIp4);
  EXPECT_EQ(classes->count(), 5U);  // in none, in one of the three, in the first two
  std::uint64_t next = 0;
  for (const ValueClasses::Span& span : classes->spans()) {
    EXPECT_EQ(span.values.low, next);
    next = span.values.high + 1;
    for (const PredicatePtr& each : tests) {
      for (const std::uint64_t value : {span.values.low, span.values.high}) {
        EXPECT_EQ(classes->pass(span.of, test_in(each)), is_in(test_in(each).intervals, value));
      }
    }
  }
  EXPECT_EQ(next, std::uint64_t{1} << 32U) << "all values";
  for (const PredicatePtr& each : tests) {
    EXPECT_FALSE(classes->pass(classes->widest(), test_in(each)));
  }
}

TEST(ValueClassesTest, EqualTestsAreOne) {
  std::vector<PredicatePtr> same;
  for (std::size_t i = 0; i < 2 * kMaxKinds; ++i) {
    same.push_back(test(net::Field::kDstPort, thirds(1, kManyValues)));
  }
  const auto classes = classes_of(same);
  ASSERT_TRUE(classes);
  EXPECT_EQ(classes->count(), 2U);
  EXPECT_TRUE(classes->pass(1 - classes->widest(), test_in(same.back())));
}

TEST(ValueClassesTest, FewValuesAreNotWorthIt) {
  EXPECT_FALSE(classes_of({}));
  EXPECT_FALSE(classes_of({anything()}));
  EXPECT_FALSE(classes_of({test(net::Field::kSrcIp4, thirds(1, kManyValues / 2 - 1))}));
  EXPECT_TRUE(classes_of({test(net::Field::kSrcIp4, thirds(1, kManyValues / 2))}));
  EXPECT_FALSE(classes_of({test(net::Field::kDstMac, thirds(1, kManyValues))}));
}

TEST(ValueClassesTest, TooManyKindsAreNot) {
  std::vector<PredicatePtr> tests;
  for (std::size_t i = 0; i < kMaxKinds; ++i) {
    tests.push_back(test(net::Field::kSrcIp4, {{3 * i, 3 * i}}));
  }
  EXPECT_FALSE(classes_of(tests)) << "one class each, and the rest";
  tests.pop_back();
  EXPECT_TRUE(classes_of(tests));
}

TEST(ValueClassesTest, PrefixesOfRoutesAreNoTests) {
  const auto many = test(net::Field::kSrcIp4, thirds(1, kManyValues));
  EXPECT_TRUE(classes_of({many}));
  EXPECT_FALSE(classes_of({all_of({many, in_prefixes_of(participant(1), policy::Side::kSource)})}));
}

}  // namespace
}  // namespace fabrix::compiler
