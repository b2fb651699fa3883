#include "compiler/codebook.h"

#include <random>
#include <set>
#include <span>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

policy::Target to(unsigned i) {
  return {.participant = participant(i), .router = std::nullopt};
}

// Targets 0 .. count-1, each with its own router.
std::vector<CodedTarget> targets(unsigned count) {
  std::vector<CodedTarget> all;
  for (unsigned i = 0; i < count; ++i) all.push_back({to(i), {router(i)}, i % 32});
  return all;
}

Units units(const std::vector<unsigned>& reached) {
  Units all;
  for (const unsigned i : reached) all.push_back({to(i), router(i)});
  return all;
}

bool says(const Codebook& codebook, std::uint32_t reach, const Unit& unit) {
  const auto tests = codebook.tests(unit);
  return std::ranges::any_of(
      tests, [reach](const ReachTest& test) { return (reach & test.mask) == test.bits; });
}

std::uint32_t put_together(const Codebook::BitsOfUnits& bits, const Units& units) {
  std::uint32_t reach = bits.always;
  for (const Codebook::UnitBits& each : bits.units) {
    if (std::ranges::find(units, each.unit) != units.end()) reach |= each.bits;
  }
  return reach;
}

// Each class's code says exactly its units.
void expect_exact(const Codebook& codebook, const std::vector<CodedTarget>& all,
                  const std::vector<Units>& present) {
  std::set<std::uint32_t> codes;
  for (const Units& each : present) {
    const std::uint32_t reach = codebook.encode(each);
    const auto bits = codebook.bits_of_units();
    if (bits) {
      EXPECT_EQ(put_together(*bits, each), reach);
    }
    for (const CodedTarget& target : all) {
      for (const net::RouterId best : target.routers) {
        const Unit unit{target.target, best};
        EXPECT_EQ(says(codebook, reach, unit), std::ranges::find(each, unit) != each.end());
      }
    }
    codes.insert(reach);
  }
  EXPECT_EQ(codes.size(), std::set<Units>(present.begin(), present.end()).size());
}

TEST(Codebook, GivesEachTargetABitWhenTheyFit) {
  const auto all = targets(30);
  EXPECT_TRUE(Codebook::fits_without_sharing(all));
  EXPECT_FALSE(Codebook::fits_without_sharing(all, 31));
  const Codebook codebook(all, {});
  expect_exact(codebook, all, {units({}), units({0}), units({1, 5, 29}), units({29})});
  EXPECT_EQ(codebook, Codebook(all, std::vector<Units>{units({1, 2})}));
}

TEST(Codebook, KnowsTheBitsOfEachUnitUnlessTargetsShareThem) {
  EXPECT_TRUE(Codebook(targets(30), {}).bits_of_units());
  EXPECT_FALSE(Codebook(targets(99), {}).bits_of_units());
}

TEST(Codebook, TellsWhichRouterOfATargetIsBest) {
  const std::vector<CodedTarget> all{{to(0), {router(0), router(1), router(2)}, 0},
                                     {to(1), {router(3)}, 2}};
  const Codebook codebook(all, {});
  expect_exact(codebook, all,
               {{{to(0), router(0)}},
                {{to(0), router(1)}},
                {{to(0), router(2)}, {to(1), router(3)}},
                {{to(1), router(3)}}});
}

TEST(Codebook, ATargetKeepsItsBitsWhenOthersComeAndGo) {
  auto all = targets(10);
  const auto before = Codebook(all, {}).tests(units({7}).front());
  all.erase(all.begin(), all.begin() + 5);
  EXPECT_EQ(Codebook(all, {}).tests(units({7}).front()), before);
}

TEST(Codebook, TargetsThatWantTheSameHomeGetRoomElsewhere) {
  auto all = targets(20);
  for (CodedTarget& each : all) each.home = 30;
  expect_exact(Codebook(all, {}), all, {units({0, 3}), units({3}), units({19}), units({0, 19})});
}

// SEMANTICS, scenario 16.
TEST(Codebook, NinetyNineTargetsThatNeverMeetShareBits) {
  const auto all = targets(99);
  EXPECT_FALSE(Codebook::fits_without_sharing(all));
  std::vector<Units> present;
  for (unsigned i = 0; i < 99; ++i) present.push_back(units({i}));
  const Codebook codebook(all, present);
  EXPECT_TRUE(codebook.dropped().empty());
  expect_exact(codebook, all, present);
}

TEST(Codebook, NinetyNineTargetsThatMeetPairwiseShareBits) {
  const auto all = targets(99);
  std::vector<Units> present;
  for (unsigned i = 0; i + 1 < 99; i += 2) present.push_back(units({i, i + 1}));
  const Codebook codebook(all, present);
  EXPECT_TRUE(codebook.dropped().empty());
  expect_exact(codebook, all, present);
}

TEST(Codebook, NinetyNineTargetsInOneClassAreOneCode) {
  const auto all = targets(99);
  std::vector<unsigned> everyone;
  for (unsigned i = 0; i < 99; ++i) everyone.push_back(i);
  const std::vector<Units> present{units(everyone), units({3, 98}), units({4})};
  const Codebook codebook(all, present);
  EXPECT_TRUE(codebook.dropped().empty());
  expect_exact(codebook, all, present);
}

// All sets of two and of three targets: more than can be numbered.
std::vector<Units> all_pairs_and_triples(unsigned count) {
  std::vector<Units> present;
  for (unsigned a = 0; a < count; ++a) {
    for (unsigned b = a + 1; b < count; ++b) {
      present.push_back(units({a, b}));
      for (unsigned c = b + 1; c < count; ++c) present.push_back(units({a, b, c}));
    }
  }
  return present;
}

TEST(Codebook, NamesTheTargetsForWhichThereIsNoRoom) {
  const auto all = targets(40);
  const Codebook codebook(all, all_pairs_and_triples(40));
  ASSERT_EQ(codebook.dropped().size(), 10U);
  EXPECT_EQ(codebook.dropped().front(), to(30));
  EXPECT_TRUE(codebook.tests(units({35}).front()).empty());
  EXPECT_TRUE(says(codebook, codebook.encode(units({3, 35})), units({3}).front()));
}

// FABRIC, "Tags" 4: a few classes do not make the encoding of all others dear.
TEST(Codebook, AFewClassesThatMeetCostAFewRows) {
  const auto all = targets(60);
  std::vector<Units> present;
  for (unsigned i = 0; i < 60; ++i) {
    present.push_back(units({i}));
    if (i >= 4) present.push_back(units({i % 4, i}));  // each with one of four hubs
  }
  for (unsigned i = 4; i + 7 < 60; i += 9) present.push_back(units({i, i + 7}));
  const Codebook codebook(all, present);
  EXPECT_TRUE(codebook.dropped().empty());
  expect_exact(codebook, all, present);
  std::size_t rows = 0;
  for (unsigned i = 0; i < 60; ++i) rows += codebook.tests({to(i), router(i)}).size();
  EXPECT_LE(rows, 60U + 60U / 4);
}

TEST(Codebook, IsExactForRandomClasses) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto all = targets(20 + static_cast<unsigned>(random() % 100));
    std::set<Units> sets;
    for (unsigned i = 0; i < 80; ++i) {
      std::set<unsigned> reached;
      for (auto left = random() % 5; left > 0; --left) {
        // Some are reached much more often than others.
        const auto span = random() % 3 == 0 ? all.size() : all.size() / 8;
        reached.insert(static_cast<unsigned>(random() % span));
      }
      sets.insert(units({reached.begin(), reached.end()}));
    }
    const std::vector<Units> present(sets.begin(), sets.end());
    const Codebook codebook(all, present, 16 + static_cast<unsigned>(random() % 17));
    if (codebook.dropped().empty()) expect_exact(codebook, all, present);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Codebook, ExtendingItKeepsWhatItSays) {
  const auto all = targets(50);
  std::vector<Units> present;
  for (unsigned i = 0; i < 50; ++i) present.push_back(units({i}));
  const Codebook before(all, present);
  std::vector<Units> more = present;
  for (unsigned i = 0; i < 12; ++i) more.push_back(units({i, i + 20, i + 30}));
  const auto after = before.extended(more);
  ASSERT_TRUE(after);
  expect_exact(*after, all, more);
  for (const Units& each : present) EXPECT_EQ(after->encode(each), before.encode(each));
  EXPECT_FALSE(after->contradicts(before));
  EXPECT_FALSE(before.contradicts(*after));
}

TEST(Codebook, CannotBeExtendedForEver) {
  const auto all = targets(40);
  EXPECT_FALSE(Codebook(all, {}).extended(all_pairs_and_triples(40)));
}

TEST(Codebook, ContradictsOneThatGivesABitAnotherMeaning) {
  const auto all = targets(31);
  const std::span<const CodedTarget> first(all.data(), 10);
  const CodedTarget other{to(40), {router(40)}, 3};  // at home where target 3 is
  EXPECT_FALSE(Codebook(first, {}).contradicts(Codebook(first.subspan(2), {})));
  EXPECT_TRUE(Codebook({&other, 1}, {}).contradicts(Codebook(first, {})));
  EXPECT_FALSE(Codebook({}, {}).contradicts(Codebook(first, {})));
}

TEST(Codebook, KnowsWhichTargetsAreCodedOtherwise) {
  const std::vector<CodedTarget> some{{to(0), {router(0)}, 0}, {to(1), {router(1)}, 1}};
  const std::vector<CodedTarget> others{{to(1), {router(1)}, 1}, {to(2), {router(2)}, 2}};
  const Codebook one(some, {});
  Codebook other(others, {});
  EXPECT_EQ(one.coded_otherwise(one), std::vector<policy::Target>{});
  EXPECT_EQ(other.coded_otherwise(one), std::vector<policy::Target>{});
  const std::vector<CodedTarget> elsewhere{{to(0), {router(0)}, 0}, {to(1), {router(1)}, 7}};
  EXPECT_EQ(Codebook(elsewhere, {}).coded_otherwise(one), std::vector{to(1)});
  other.set_generation(1);
  EXPECT_FALSE(other.coded_otherwise(one));
  // Where targets share bits anything may be.
  const auto many = targets(99);
  EXPECT_FALSE(Codebook(many, {}).coded_otherwise(one));
}

TEST(Codebook, TagsOfAnotherGenerationSayNothing) {
  const auto all = targets(5);
  Codebook codebook(all, {});
  const std::uint32_t old = codebook.encode(units({0, 1, 2, 3, 4}));
  codebook.set_generation(3);
  for (const Unit& unit : units({0, 1, 2, 3, 4})) EXPECT_FALSE(says(codebook, old, unit));
  expect_exact(codebook, all, {units({0}), units({1, 4})});
}

TEST(Codebook, DoesNotDependOnTheOrderOfClasses) {
  const auto all = targets(50);
  std::vector<Units> present;
  for (unsigned i = 0; i + 2 < 50; ++i) present.push_back(units({i, i + 2}));
  const Codebook codebook(all, present);
  std::ranges::reverse(present);
  EXPECT_EQ(codebook, Codebook(all, present));
}

}  // namespace
}  // namespace fabrix::compiler
