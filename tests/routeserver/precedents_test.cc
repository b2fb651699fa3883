#include "routeserver/precedents.h"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

RouteRef route(std::uint32_t path, std::uint16_t peer) {
  return {.path = PathId{path}, .peer = PeerId{peer}};
}

class PrecedentsTest : public ::testing::Test {
 protected:
  std::vector<RouteRef> one_{route(1, 1)};
  std::vector<RouteRef> two_{route(1, 1), route(2, 2)};
  Precedents::Case case_{
      .family = net::Family::kIpv4, .before = one_, .now = two_, .hops_before = 3, .hops_now = 4};
  std::vector<std::size_t> places_{7, 9};
  Precedents precedents_;
};

TEST_F(PrecedentsTest, TheSameCaseHasTheSameVerdictUntilItIsForgotten) {
  EXPECT_FALSE(precedents_.find(case_));
  precedents_.add(case_, places_);
  const std::vector<RouteRef> same = two_;
  Precedents::Case again = case_;
  again.now = same;
  const auto found = precedents_.find(again);
  ASSERT_TRUE(found);
  EXPECT_TRUE(std::ranges::equal(*found, places_));
  precedents_.clear();
  EXPECT_FALSE(precedents_.find(again));
}

TEST_F(PrecedentsTest, WhateverDiffersMakesAnotherCase) {
  precedents_.add(case_, places_);
  std::vector<Precedents::Case> others(7, case_);
  others[0].family = net::Family::kIpv6;
  others[1].hops_before = 4;
  others[2].hops_now = 3;
  others[3].before = two_;
  others[4].now = one_;
  std::swap(others[5].before, others[5].now);
  std::vector<RouteRef> stale = two_;
  stale.back().stale = true;
  others[6].now = stale;
  for (const Precedents::Case& other : others) EXPECT_FALSE(precedents_.find(other));
}

// The same routes, parted in another way.
TEST_F(PrecedentsTest, WhatWasThereBeforeIsToldFromWhatIsThereNow) {
  precedents_.add(case_, places_);
  std::vector<RouteRef> all = one_;
  all.insert(all.end(), two_.begin(), two_.end());
  Precedents::Case other = case_;
  other.before = std::span(all).first(2);
  other.now = std::span(all).subspan(2);
  EXPECT_FALSE(precedents_.find(other));
}

TEST_F(PrecedentsTest, ANewCaseIsKeptBesideTheOthers) {
  precedents_.add(case_, places_);
  Precedents::Case other = case_;
  other.hops_now = 5;
  precedents_.add(other, {});
  EXPECT_EQ(precedents_.find(case_)->size(), 2U);
  ASSERT_TRUE(precedents_.find(other));
  EXPECT_TRUE(precedents_.find(other)->empty()) << "nobody hears of it";
}

}  // namespace
}  // namespace fabrix::routeserver
