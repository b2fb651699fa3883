#include "policy/extras.h"

#include <gtest/gtest.h>

namespace fabrix::policy {
namespace {

const Extras kSlow{.police = Police{.number = 0, .kbps = 500}, .mirrors = {}};
const Extras kFast{.police = Police{.number = 1, .kbps = 10'000}, .mirrors = {}};
const Extras kCopied{.police = {}, .mirrors = {net::RouterId{3}}};
const Extras kCopiedTwice{.police = {}, .mirrors = {net::RouterId{1}, net::RouterId{3}}};

TEST(ExtrasTest, InASequenceTheLastMeterCountsAndMirrorsAddUp) {
  EXPECT_EQ(sequenced(kSlow, kFast), kFast);
  EXPECT_EQ(sequenced(kSlow, {}), kSlow);
  EXPECT_EQ(sequenced(kCopied, kCopiedTwice), kCopiedTwice);
  EXPECT_EQ(sequenced(kSlow, kCopied).police, kSlow.police);
}

TEST(ExtrasTest, AClausesOwnMeterCountsBeforeItsNeighbours) {
  EXPECT_EQ(joined(kSlow, kFast), kSlow);
  EXPECT_EQ(joined({}, kFast), kFast);
  EXPECT_EQ(joined(kCopiedTwice, kCopied), kCopiedTwice);
}

TEST(ExtrasTest, WhatIsDiscardedNeedsNoMeterUnlessItIsMirrored) {
  EXPECT_EQ(normal(kSlow, Drop{}), Extras{});
  EXPECT_EQ(normal(kSlow, UseDefault{}), kSlow);
  const Extras both = joined(kSlow, kCopied);
  EXPECT_EQ(normal(both, Drop{}), both);
}

TEST(ExtrasTest, AMiddleboxIsPassedUnlessThePacketIsDiscarded) {
  Extras passes;
  passes.via = {net::RouterId{5}};
  EXPECT_FALSE(passes.empty());
  EXPECT_EQ(sequenced(passes, kSlow).via, passes.via);
  EXPECT_EQ(joined(kCopied, passes).via, passes.via);
  EXPECT_EQ(normal(passes, UseDefault{}), passes);
  EXPECT_EQ(normal(passes, Drop{}), Extras{});
  EXPECT_EQ(normal(joined(kCopied, passes), Drop{}), kCopied);
}

TEST(ExtrasTest, ASequencePassesTheMiddleboxesOfBoth) {
  Extras first;
  first.via = {net::RouterId{5}, net::RouterId{2}};
  Extras then;
  then.via = {net::RouterId{7}};
  const std::vector all{net::RouterId{5}, net::RouterId{2}, net::RouterId{7}};
  EXPECT_EQ(passed(first, then), all);
  EXPECT_EQ(sequenced(first, then).via, all);
  EXPECT_EQ(passed(first, {}), first.via);
  EXPECT_EQ(passed({}, then), then.via);
  EXPECT_EQ(passed(first, first), first.via) << "said twice";
  then.via.push_back(net::RouterId{2});
  EXPECT_EQ(passed(first, then), std::nullopt);
}

TEST(ExtrasTest, OnlyWhatNamesTargetsMayBeUnreachable) {
  EXPECT_TRUE(may_be_unreachable(Forward{}));
  EXPECT_TRUE(may_be_unreachable(Multicast{}));
  EXPECT_FALSE(may_be_unreachable(Drop{}));
  EXPECT_FALSE(may_be_unreachable(UseDefault{}));
}

}  // namespace
}  // namespace fabrix::policy
