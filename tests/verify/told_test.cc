#include "verify/told.h"

#include <gtest/gtest.h>

#include "tests/verify/asked.h"

namespace fabrix::verify {
namespace {

const net::Prefix kPrefix = net::Prefix::parse("140.0.0.0/24").value();  // B, C(c1); best C

class ToldTest : public testing::Test {
 protected:
  std::vector<Violation> check(const exchange::Routes& routes,
                               std::optional<net::IpAddress> next_hop = {}) {
    Asked asked(walkthrough_, next_hop);
    const auto hop = next_hop.value_or(walkthrough_.next_hop(Walkthrough::kA, kPrefix));
    Told(asked.task, Walkthrough::kA).check(asked.task, {kPrefix, routes, hop});
    return asked.findings.take();
  }

  Walkthrough walkthrough_;
};

TEST_F(ToldTest, TheTagOfARouteSaysWhatItIs) {
  EXPECT_TRUE(check({Walkthrough::kC1, Walkthrough::kB1}).empty());
}

TEST_F(ToldTest, I3SeesATagThatPromisesWhatIsNotReachable) {
  const auto found = check({Walkthrough::kC1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].invariant, "I3");
  EXPECT_NE(found[0].message.find("says that B is reachable by b1, and it is not"),
            std::string::npos)
      << found[0].message;
  ASSERT_TRUE(found[0].witness);
  EXPECT_EQ(found[0].witness->dst_port, 80);
  EXPECT_FALSE(found[0].rows.empty());
}

TEST_F(ToldTest, I3SeesATagThatHidesAReachableTarget) {
  const auto hop = walkthrough_.next_hop(Walkthrough::kA,
                                         net::Prefix::parse("160.0.0.0/24").value());  // C(c2), D
  const auto found = check({Walkthrough::kC2, Walkthrough::kB1}, hop);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("says that B is not reachable by b1, and it is reachable"),
            std::string::npos)
      << found[0].message;
}

TEST_F(ToldTest, I3SeesATagThatLeadsToAnotherThanTheBest) {
  const auto found = check({Walkthrough::kB1, Walkthrough::kC1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("does not lead to b1, its best route"), std::string::npos)
      << found[0].message;
}

TEST_F(ToldTest, I3SeesANextHopThatNobodyAnswersFor) {
  const auto found =
      check({Walkthrough::kC1, Walkthrough::kB1}, net::IpAddress::parse("172.0.255.1").value());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].message.find("172.0.255.1 answers to no address resolution"),
            std::string::npos);
}

TEST_F(ToldTest, ARealNextHopIsRightWhereNoClauseWouldAct) {
  const auto d1 = walkthrough_.exchange.router(Walkthrough::kD1).addresses.front();
  EXPECT_TRUE(check({Walkthrough::kD1}, d1).empty());
  EXPECT_FALSE(check({Walkthrough::kD1, Walkthrough::kB1}, d1).empty());
}

TEST_F(ToldTest, JudgesLikeAnotherOfTheSamePolicyAndClaims) {
  Asked asked(walkthrough_, {});
  const Told one(asked.task, Walkthrough::kA);
  EXPECT_TRUE(one.judges_like(Told(asked.task, Walkthrough::kA)));
  EXPECT_FALSE(one.judges_like(Told(asked.task, Walkthrough::kB)));
  auto meanings = *walkthrough_.meanings;
  meanings[Walkthrough::kA.index()] = nullptr;
  walkthrough_.meanings = std::make_shared<const std::vector<program::TagMeaningPtr>>(meanings);
  Asked other(walkthrough_, {});
  EXPECT_FALSE(one.judges_like(Told(other.task, Walkthrough::kA)));
}

TEST_F(ToldTest, WithoutARouteNothingIsTold) {
  EXPECT_TRUE(check({}).empty());
}

}  // namespace
}  // namespace fabrix::verify
