#include "compiler/codebook.h"

#include <set>

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

// Each class's code says exactly its units.
void expect_exact(const Codebook& codebook, const std::vector<CodedTarget>& all,
                  const std::vector<Units>& present) {
  std::set<std::uint32_t> codes;
  for (const Units& each : present) {
    const std::uint32_t reach = codebook.encode(each);
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
  const auto all = targets(32);
  EXPECT_TRUE(Codebook::fits_without_sharing(all));
  const Codebook codebook(all, {});
  expect_exact(codebook, all, {units({}), units({0}), units({1, 5, 31}), units({31})});
  EXPECT_EQ(codebook, Codebook(all, std::vector<Units>{units({1, 2})}));
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

TEST(Codebook, NamesTheTargetsForWhichThereIsNoRoom) {
  const auto all = targets(40);
  // Any two of them meet, in more sets than can be numbered.
  std::vector<Units> present;
  for (unsigned a = 0; a < 40; ++a) {
    for (unsigned b = a + 1; b < 40; ++b) {
      present.push_back(units({a, b}));
      for (unsigned c = b + 1; c < 40; c += 9) present.push_back(units({a, b, c}));
    }
  }
  const Codebook codebook(all, present);
  ASSERT_EQ(codebook.dropped().size(), 8U);
  EXPECT_EQ(codebook.dropped().front(), to(32));
  EXPECT_TRUE(codebook.tests(units({35}).front()).empty());
  EXPECT_TRUE(says(codebook, codebook.encode(units({3, 35})), units({3}).front()));
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
