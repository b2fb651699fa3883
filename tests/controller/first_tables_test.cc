#include "controller/first_tables.h"

#include <gtest/gtest.h>

namespace fabrix::controller {
namespace {

using routeserver::PeerId;
using std::chrono::milliseconds;

class FirstTablesTest : public testing::Test {
 protected:
  FirstTables::Time at(milliseconds since) const { return began_ + since; }
  bool may_wait(PeerId peer, milliseconds since) {
    return tables_.may_wait(peer, bgp::UpdateMessage{}, at(since));
  }
  bool ends(PeerId peer, milliseconds since) {
    bgp::UpdateMessage end;
    end.end_of_rib = {net::Family::kIpv4};
    return !tables_.may_wait(peer, end, at(since));
  }

  const FirstTables::Time began_{std::chrono::hours{1}};
  const PeerId a_{1};
  const PeerId b_{2};
  FirstTables tables_;
};

TEST_F(FirstTablesTest, OnlyNewSessionsWait) {
  EXPECT_FALSE(may_wait(a_, milliseconds{0}));
  EXPECT_EQ(tables_.due(0), std::nullopt);
  tables_.begin(a_, at(milliseconds{0}));
  EXPECT_TRUE(may_wait(a_, milliseconds{1}));
  EXPECT_FALSE(may_wait(b_, milliseconds{1}));
  EXPECT_EQ(tables_.due(1), at(milliseconds{1} + FirstTables::kPause));
}

TEST_F(FirstTablesTest, TheEndOfTheLastTableEndsTheWait) {
  tables_.begin(a_, at(milliseconds{0}));
  tables_.begin(b_, at(milliseconds{0}));
  EXPECT_TRUE(may_wait(a_, milliseconds{1}));
  EXPECT_TRUE(ends(a_, milliseconds{2}));
  EXPECT_FALSE(may_wait(a_, milliseconds{3})) << "its first table is told";
  EXPECT_GT(tables_.due(1), at(milliseconds{3})) << "the other one is not";
  EXPECT_TRUE(ends(b_, milliseconds{4}));
  EXPECT_LE(tables_.due(1), at(milliseconds{4}));
}

TEST_F(FirstTablesTest, APauseEndsTheTablesThatHadBegun) {
  tables_.begin(a_, at(milliseconds{0}));
  tables_.begin(b_, at(milliseconds{0}));
  EXPECT_TRUE(may_wait(a_, milliseconds{1}));
  tables_.released(*tables_.due(1));
  EXPECT_EQ(tables_.due(0), std::nullopt);
  EXPECT_FALSE(may_wait(a_, milliseconds{50}));
  EXPECT_TRUE(may_wait(b_, milliseconds{50}));
}

TEST_F(FirstTablesTest, NothingWaitsForLongerThanItsBound) {
  tables_.begin(a_, at(milliseconds{0}));
  for (milliseconds now{0}; now <= milliseconds{5'000}; now += milliseconds{5}) {
    EXPECT_TRUE(may_wait(a_, now));
    ASSERT_LE(tables_.due(1), at(now) + FirstTables::kPause);
    if (tables_.due(1) <= at(now)) tables_.released(at(now));
    ASSERT_TRUE(!tables_.due(1) || *tables_.due(1) > at(now));
  }
  EXPECT_FALSE(may_wait(a_, FirstTables::kTableAtMost)) << "a table without end is none";
}

TEST_F(FirstTablesTest, WhoSaysLittleHasNoTable) {
  tables_.begin(a_, at(milliseconds{0}));
  tables_.begin(b_, at(milliseconds{0}));
  for (milliseconds now{0}; now <= milliseconds{1'000}; now += milliseconds{1}) {
    ASSERT_TRUE(may_wait(a_, now)) << "it goes on and on";
    if (now % 50 != milliseconds{0}) continue;
    ASSERT_EQ(may_wait(b_, now), now < FirstTables::kWindow) << "it does not";
  }
}

TEST_F(FirstTablesTest, TooManyWaitNoLonger) {
  tables_.begin(a_, at(milliseconds{0}));
  EXPECT_TRUE(may_wait(a_, milliseconds{7}));
  EXPECT_LE(tables_.due(FirstTables::kWaitingAtMost), at(milliseconds{7}));
}

TEST_F(FirstTablesTest, ASessionThatEndsHasNoTable) {
  tables_.begin(a_, at(milliseconds{0}));
  tables_.end(a_);
  EXPECT_FALSE(may_wait(a_, milliseconds{1}));
}

}  // namespace
}  // namespace fabrix::controller
