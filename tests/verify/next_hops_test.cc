#include "verify/next_hops.h"

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

const net::Prefix kPrefix = net::Prefix::parse("140.0.0.0/24").value();  // B, C

class EachAskedTest : public testing::Test {
 protected:
  Walkthrough walkthrough_;
  EachAsked next_hops_{walkthrough_.exchange, walkthrough_.reachability,
                       [this](net::ParticipantId client, const net::Prefix& prefix) {
                         return walkthrough_.next_hop(client, prefix);
                       }};
};

TEST_F(EachAskedTest, EveryClientWithARouteIsToldSomething) {
  NextHops::List list;
  next_hops_.list(next_hops_.group({kPrefix, exchange::kNowhere}), kPrefix.family(), list);
  ASSERT_EQ(list.size(), walkthrough_.exchange.participants.size());
  for (const exchange::ClientNextHop& each : list) {
    EXPECT_EQ(each.address, walkthrough_.next_hop(each.client, kPrefix));
  }
}

TEST_F(EachAskedTest, WithoutARouteNothingIsTold) {
  const auto nowhere = net::Prefix::parse("9.9.9.0/24").value();
  NextHops::List list;
  next_hops_.list(next_hops_.group({nowhere, exchange::kNowhere}), nowhere.family(), list);
  EXPECT_TRUE(list.empty());
}

TEST_F(EachAskedTest, EveryPrefixIsAGroupOfItsOwnAndNoneIsKnownAgain) {
  const auto one = next_hops_.group({kPrefix, exchange::kNowhere});
  const auto other =
      next_hops_.group({net::Prefix::parse("160.0.0.0/24").value(), exchange::kNowhere});
  EXPECT_NE(one, other);
  EXPECT_NE(next_hops_.instead(one, kPrefix.family(), Walkthrough::kA),
            next_hops_.instead(other, kPrefix.family(), Walkthrough::kA));
  const auto before = next_hops_.grouping();
  EXPECT_NE(next_hops_.grouping(), before);
}

}  // namespace
}  // namespace fabrix::verify
