#include "compiler/encoding.h"

#include <set>
#include <span>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

CodedTarget target(unsigned i, unsigned home) {
  return {{.participant = participant(i), .router = std::nullopt}, {router(i)}, home};
}

std::vector<CodedTarget> targets(unsigned count) {
  std::vector<CodedTarget> all;
  for (unsigned i = 0; i < count; ++i) all.push_back(target(i, i % 30));
  return all;
}

Units units(const std::vector<unsigned>& reached) {
  Units all;
  for (const unsigned i : reached) all.push_back({target(i, 0).target, router(i)});
  return all;
}

std::vector<Units> singles(unsigned count) {
  std::vector<Units> all;
  for (unsigned i = 0; i < count; ++i) all.push_back(units({i}));
  return all;
}

TEST(Encoding, StaysWhileItCanSayWhatIsToBeSaid) {
  Encoding encoding;
  const auto all = targets(60);
  EXPECT_TRUE(encoding.update(all, singles(60)));
  EXPECT_FALSE(encoding.update(all, singles(60)));
  EXPECT_FALSE(encoding.update(all, singles(20)));
  EXPECT_FALSE(encoding.update(all, {}));
}

TEST(Encoding, GrowsWithoutAnotherMeaningOfOldTags) {
  Encoding encoding;
  const auto all = targets(60);
  encoding.update(all, singles(60));
  const Codebook before = encoding.book();
  auto present = singles(60);
  present.push_back(units({3, 4, 40, 41}));
  EXPECT_TRUE(encoding.update(all, present));
  EXPECT_EQ(encoding.book().generation(), before.generation());
  for (const Units& each : singles(60)) {
    EXPECT_EQ(encoding.book().encode(each), before.encode(each));
  }
}

TEST(Encoding, IsMadeAnewWhereThatSavesRows) {
  Encoding encoding;
  const auto all = targets(60);
  encoding.update(all, {});
  std::vector<Units> present = singles(60);
  for (unsigned i = 1; i < 60; ++i) {
    present.push_back(units({0, i}));  // a hub
    encoding.update(all, present);
  }
  EXPECT_LE(encoding.book().shared_units(), 16U);
  EXPECT_NE(encoding.book().generation(), 0U);
}

TEST(Encoding, OtherTargetsInOtherBitsAreNoNewGeneration) {
  Encoding encoding;
  const auto all = targets(10);
  encoding.update(std::span(all).first(5), {});
  encoding.update(all, {});
  EXPECT_EQ(encoding.book().generation(), 0U);
  encoding.update(std::span(all).last(4), {});
  EXPECT_EQ(encoding.book().generation(), 0U);
}

// So tags of the others keep what they say, and what they said.
TEST(Encoding, ATargetGetsBitsThatNobodyHadBefore) {
  Encoding encoding;
  std::set<std::uint32_t> seen;
  for (unsigned i = 1; i <= 30; ++i) {
    const CodedTarget each = target(i, 7);
    EXPECT_TRUE(encoding.update({&each, 1}, {}));
    EXPECT_EQ(encoding.book().generation(), 0U);
    EXPECT_TRUE(seen.insert(encoding.book().encode(units({i}))).second) << i;
  }
}

TEST(Encoding, ATargetKeepsItsBitsWhenAnotherWantsThem) {
  Encoding encoding;
  const std::vector<CodedTarget> one{target(5, 7)};
  const std::vector<CodedTarget> both{target(1, 7), target(5, 7)};
  encoding.update(one, {});
  const auto before = encoding.book().encode(units({5}));
  encoding.update(both, {});
  EXPECT_EQ(encoding.book().encode(units({5})), before);
  EXPECT_EQ(encoding.book().generation(), 0U);
}

TEST(Encoding, AChangeAndItsReversalLeadBackToTheSameBits) {
  Encoding encoding;
  const auto all = targets(60);
  std::vector<Codebook> books;
  // Twenty at a time, each time ten others, until the bits of two generations are used up.
  for (unsigned first = 0; first <= 40; first += 10) {
    encoding.update(std::span(all).subspan(first, 20), {});
    books.push_back(encoding.book());
  }
  EXPECT_EQ(books.front().generation(), 0U);
  EXPECT_NE(books.back().generation(), 0U);
  for (unsigned first = 40; !books.empty(); first -= 10, books.pop_back()) {
    encoding.update(std::span(all).subspan(first, 20), {});
    EXPECT_EQ(encoding.book(), books.back()) << first;
  }
}

TEST(Encoding, KnowsWhatTheCodebookWillBe) {
  Encoding encoding;
  const auto all = targets(40);
  for (const unsigned first : {0U, 5U, 20U, 5U}) {
    const auto some = std::span(all).subspan(first, 20);
    const Codebook foreseen = encoding.book_for(some);
    encoding.update(some, {});
    EXPECT_EQ(encoding.book(), foreseen);
    EXPECT_EQ(encoding.book_for(some), foreseen);
  }
}

// So many that no bit is left.
std::vector<CodedTarget> crowd(unsigned number) {
  std::vector<CodedTarget> all;
  for (unsigned i = 0; i < 30; ++i) all.push_back(target(30 * number + i, i));
  return all;
}

TEST(Encoding, BitsThatChangeTheirMeaningAreANewGeneration) {
  Encoding encoding;
  encoding.update(crowd(0), {});
  const Codebook before = encoding.book();
  encoding.update(crowd(1), {});
  EXPECT_EQ(encoding.book().generation(), 1U);
  encoding.update(crowd(2), {});
  EXPECT_EQ(encoding.book().generation(), 2U);
  // Back to what it was: tags of that time mean what they say.
  encoding.update(crowd(0), {});
  EXPECT_EQ(encoding.book(), before);
}

TEST(Encoding, BitsOutOfUseKeepTheirMeaningTooUntilNobodyRemembersThem) {
  for (const bool forgotten : {false, true}) {
    Encoding encoding;
    const std::vector<CodedTarget> one{target(0, 0)};
    const std::vector<CodedTarget> two{target(0, 0), target(31, 1)};
    encoding.update(crowd(0), {});
    encoding.update(one, {});
    if (forgotten) encoding.forget_past();
    encoding.update(two, {});
    EXPECT_EQ(encoding.book().generation(), forgotten ? 0U : 1U);
  }
}

TEST(Encoding, TheGenerationLongestUnusedIsTakenWhenAllAreInTheWay) {
  Encoding encoding;
  for (unsigned i = 0; i < 9; ++i) {
    encoding.update(crowd(i), {});
    EXPECT_EQ(encoding.book().generation(), i % kGenerations) << i;
  }
}

}  // namespace
}  // namespace fabrix::compiler
