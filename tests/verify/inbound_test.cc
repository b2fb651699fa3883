#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Kind = program::Origin::Kind;
using Names = std::vector<std::string>;
using program::Row;
using program::TableId;

Row& clause_row(Walkthrough& walkthrough, std::uint32_t clause) {
  return walkthrough.row(TableId::kInbound, [clause](const Row& row) {
    return row.origin.kind == Kind::kInboundClause && row.origin.clause == clause;
  });
}

TEST(InboundTest, I11SeesTheWrongPort) {
  Walkthrough walkthrough;
  clause_row(walkthrough, 0).write_metadata = program::Metadata::egress_router(Walkthrough::kC2);
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I11");
  ASSERT_TRUE(violations[0].witness);
  EXPECT_EQ(violations[0].witness->dst_port, 443);
  EXPECT_NE(violations[0].message.find("is sent to C (c2), and should be sent to C (c1)"),
            std::string::npos);
}

TEST(InboundTest, I4SeesADropThatNobodyAskedFor) {
  Walkthrough walkthrough;
  clause_row(walkthrough, 1).next = program::Discard{};
  EXPECT_EQ(walkthrough.violated(), Names{"I4"});
}

TEST(InboundTest, I11SeesADropOfOneSenderThatHitsAll) {
  Walkthrough walkthrough;
  Row& row = clause_row(walkthrough, 3);
  row.match.metadata = program::Metadata::egress(Walkthrough::kC);
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  ASSERT_TRUE(violations[0].witness);
  EXPECT_EQ(violations[0].witness->dst_port, 22);
  EXPECT_NE(violations[0].witness->in_port, net::PortNo{5});
}

TEST(InboundTest, I8SeesControlTrafficInAPolicy) {
  Walkthrough walkthrough;
  std::erase_if(walkthrough.program.table(TableId::kInbound),
                [](const Row& row) { return row.origin.kind == Kind::kControlPlane; });
  EXPECT_EQ(walkthrough.violated(), Names{"I8"});
}

}  // namespace
}  // namespace fabrix::verify
