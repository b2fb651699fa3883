#include "compiler/value_classes.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

using net::Field;
using policy::Side;
using policy::Uint128;
using Intervals = std::vector<policy::Interval>;

// Every third value from `first` on.
Intervals thirds(std::uint64_t first, std::size_t count) {
  Intervals values;
  for (std::uint64_t i = 0; i < count; ++i) values.push_back({first + 3 * i, first + 3 * i});
  return values;
}
Values values_of(const Intervals& intervals) {
  Values values;
  for (const policy::Interval& each : intervals) values.push_back({each.low, each.high});
  return values;
}

PredicatePtr from4(const Intervals& hosts) {
  return all_of({ether_type(net::kEthTypeIpv4), test(Field::kSrcIp4, hosts)});
}
// One host of each of these networks.
PredicatePtr from6(const Intervals& networks) {
  std::vector<PredicatePtr> hosts;
  for (const policy::Interval& each : networks) {
    hosts.push_back(all_of({test(Field::kSrcIp6High, {each}), test(Field::kSrcIp6Low, {{1, 1}})}));
  }
  return all_of({ether_type(net::kEthTypeIpv6), any_of(hosts)});
}

bool is_in(const Values& values, Uint128 value) {
  return std::ranges::any_of(values, [value](const policy::Range128& each) {
    return each.low <= value && value <= each.high;
  });
}

std::optional<ClassifiedValues> classes_of(const std::vector<PredicatePtr>& conditions) {
  std::vector<const policy::Predicate*> all;
  for (const PredicatePtr& each : conditions) all.push_back(each.get());
  return classify(all);
}

TEST(ValueClassesTest, ValuesOfAClassAreInTheSameSets) {
  const std::vector<Values> sets{
      values_of(thirds(100, 60)), values_of(thirds(130, 80)), {{0, 7}, {0xffff0000, 0xffffffff}}};
  const auto classes = ValueClasses::of(ip4_line(Side::kSource), sets);
  ASSERT_TRUE(classes);
  EXPECT_EQ(classes->count(), 5U);  // in none, in one of the three, in the first two
  Uint128 next = 0;
  for (const ValueClasses::Span& span : classes->spans()) {
    EXPECT_TRUE(span.values.low == next);
    next = span.values.high + 1;
    for (std::size_t set = 0; set < sets.size(); ++set) {
      for (const Uint128 value : {span.values.low, span.values.high}) {
        EXPECT_EQ(classes->is_in(span.of, set), is_in(sets[set], value));
      }
    }
  }
  EXPECT_TRUE(next == Uint128{1} << 32U) << "all values";
  for (std::size_t set = 0; set < sets.size(); ++set) {
    EXPECT_FALSE(classes->is_in(classes->widest(), set));
  }
}

TEST(ValueClassesTest, AreOfTheFieldThatIsNamedMost) {
  const auto ports = classes_of({test(Field::kDstPort, thirds(1, 90)), from4(thirds(1, 80))});
  ASSERT_TRUE(ports);
  ASSERT_EQ(ports->lines.size(), 1U);
  EXPECT_EQ(ports->lines[0].line(), (Line{.field = Field::kDstPort}));
  const auto hosts = classes_of({test(Field::kDstPort, thirds(1, 90)), from4(thirds(1, 100))});
  ASSERT_TRUE(hosts);
  ASSERT_EQ(hosts->lines.size(), 1U);
  EXPECT_EQ(hosts->lines[0].line(), ip4_line(Side::kSource));
  EXPECT_FALSE(classes_of({test(Field::kDstMac, thirds(1, kManyValues))}));
}

TEST(ValueClassesTest, AreOfBothFamilies) {
  const auto both = classes_of({any_of({from4(thirds(1, 90)), from6(thirds(1, 80))})});
  ASSERT_TRUE(both);
  ASSERT_EQ(both->lines.size(), 2U);
  EXPECT_EQ(both->lines[0].line(), ip6_line(Side::kSource));
  EXPECT_EQ(both->lines[0].spans().size(), 161U);
  EXPECT_EQ(both->lines[1].line(), ip4_line(Side::kSource));
  const auto few = classes_of({any_of({from4(thirds(1, 90)), from6(thirds(1, 8))})});
  ASSERT_TRUE(few);
  ASSERT_EQ(few->lines.size(), 1U) << "few of IPv6";
  EXPECT_EQ(few->lines[0].line(), ip4_line(Side::kSource));
}

TEST(ValueClassesTest, WhatIsUnclearOfOneFamilyDoesNotConcernTheOther) {
  const auto any_network =
      all_of({ether_type(net::kEthTypeIpv6), test(Field::kSrcIp6Low, {{1, 1}})});
  const auto found =
      classes_of({any_of({from4(thirds(1, 90)), from6(thirds(1, 80)), any_network})});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->lines.size(), 1U);
  EXPECT_EQ(found->lines[0].line(), ip4_line(Side::kSource));
}

TEST(ValueClassesTest, EqualTestsAreOne) {
  std::vector<PredicatePtr> same;
  for (std::size_t i = 0; i < 2 * kMaxKinds; ++i) {
    same.push_back(test(Field::kDstPort, thirds(1, kManyValues)));
  }
  const auto found = classes_of(same);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->lines[0].count(), 2U);
}

TEST(ValueClassesTest, FewValuesAreNotWorthIt) {
  EXPECT_FALSE(classes_of({}));
  EXPECT_FALSE(classes_of({anything()}));
  EXPECT_FALSE(classes_of({from4(thirds(1, kManyValues / 2 - 1))}));
  EXPECT_TRUE(classes_of({from4(thirds(1, kManyValues / 2))}));
  EXPECT_FALSE(classes_of({from6(thirds(1, kManyValues / 2 - 1))}));
  EXPECT_TRUE(classes_of({from6(thirds(1, kManyValues / 2))}));
}

TEST(ValueClassesTest, TooManyKindsAreNot) {
  std::vector<PredicatePtr> tests;
  for (std::size_t i = 0; i < kMaxKinds; ++i) tests.push_back(from4({{3 * i, 3 * i}}));
  EXPECT_FALSE(classes_of(tests)) << "one class each, and the rest";
  tests.pop_back();
  EXPECT_TRUE(classes_of(tests));
}

TEST(ValueClassesTest, PrefixesOfRoutesAreNoTests) {
  const auto many = from4(thirds(1, kManyValues));
  EXPECT_TRUE(classes_of({many}));
  EXPECT_FALSE(classes_of({all_of({many, in_prefixes_of(participant(1), Side::kSource)})}));
}

}  // namespace
}  // namespace fabrix::compiler
