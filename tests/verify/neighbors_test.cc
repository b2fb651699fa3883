#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Names = std::vector<std::string>;

TEST(NeighborsTest, I3SeesANextHopThatNobodyAnswersFor) {
  Walkthrough walkthrough;
  ASSERT_FALSE(walkthrough.program.neighbors.empty());
  walkthrough.program.neighbors.edit().clear();
  EXPECT_EQ(walkthrough.violated(), Names{"I3"});
}

TEST(NeighborsTest, I3SeesAMacThatIsNoTag) {
  Walkthrough walkthrough;
  walkthrough.program.neighbors.edit()[0].mac = walkthrough.exchange.routers[1].mac;
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I3");
  EXPECT_NE(violations[0].message.find("answers with a MAC that is no tag"), std::string::npos);
}

TEST(NeighborsTest, I3SeesTwoAnswers) {
  Walkthrough walkthrough;
  auto second = walkthrough.program.neighbors.edit()[0];
  second.mac =
      program::encode({.kind = program::TagKind::kInline, .reach = 7, .egress = Walkthrough::kB1});
  walkthrough.program.neighbors.edit().push_back(second);
  walkthrough.program.canonicalize();
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_NE(violations[0].message.find("answers twice"), std::string::npos);
}

TEST(NeighborsTest, I3SeesAnAddressOutsideTheRanges) {
  Walkthrough walkthrough;
  auto& neighbors = walkthrough.program.neighbors.edit();
  neighbors.push_back({.sender = Walkthrough::kA,
                       .address = net::IpAddress::parse("172.0.0.77").value(),
                       .mac = neighbors[0].mac});
  EXPECT_EQ(walkthrough.violated(), Names{"I3"});
}

TEST(NeighborsTest, I5SeesATagThatLeadsBackToItsSender) {
  Walkthrough walkthrough;
  walkthrough.program.neighbors.edit().front().mac =
      program::encode({.kind = program::TagKind::kInline, .reach = 0, .egress = Walkthrough::kA1});
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I5");
}

}  // namespace
}  // namespace fabrix::verify
