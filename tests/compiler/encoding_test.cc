#include "compiler/encoding.h"

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

TEST(Encoding, BitsThatChangeTheirMeaningAreANewGeneration) {
  Encoding encoding;
  const CodedTarget a = target(1, 7);
  const CodedTarget b = target(2, 7);
  const CodedTarget c = target(3, 7);
  encoding.update({&a, 1}, {});
  const Codebook of_a = encoding.book();
  encoding.update({&b, 1}, {});
  EXPECT_EQ(encoding.book().generation(), 1U);
  encoding.update({&c, 1}, {});
  EXPECT_EQ(encoding.book().generation(), 2U);
  // Back to what it was: tags of that time mean what they say.
  encoding.update({&a, 1}, {});
  EXPECT_EQ(encoding.book(), of_a);
}

TEST(Encoding, TheGenerationLongestUnusedIsTakenWhenAllAreInTheWay) {
  Encoding encoding;
  for (unsigned i = 1; i <= 9; ++i) {
    const CodedTarget each = target(i, 7);
    encoding.update({&each, 1}, {});
    EXPECT_EQ(encoding.book().generation(), (i - 1) % kGenerations) << i;
  }
}

}  // namespace
}  // namespace fabrix::compiler
