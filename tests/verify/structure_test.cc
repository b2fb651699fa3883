#include <algorithm>

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using Names = std::vector<std::string>;
using Kind = program::Origin::Kind;
using program::Metadata;
using program::Row;
using program::TableId;

TEST(StructureTest, AcceptsTheWalkthrough) {
  const Walkthrough walkthrough;
  EXPECT_EQ(walkthrough.violated(), Names{});
}

TEST(StructureTest, I1SeesAClauseThatCatchesOthersPackets) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  row.match.metadata = {};
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I1");
  EXPECT_EQ(violations[0].message, "a row of a clause of A sees packets of others");
  EXPECT_EQ(violations[0].rows, std::vector{row});
}

TEST(StructureTest, I5SeesARowThatLeadsBack) {
  Walkthrough walkthrough;
  walkthrough.program.table(TableId::kInbound).front().next = program::Goto{TableId::kOutbound};
  EXPECT_EQ(walkthrough.violated(), Names{"I5"});
}

TEST(StructureTest, I5SeesARowThatSendsASendersPacketsBackToIt) {
  Walkthrough walkthrough;
  walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA).write_metadata =
      Metadata::egress(Walkthrough::kA) | Metadata::egress_router(Walkthrough::kA1);
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I5");
}

TEST(StructureTest, I6SeesRowsOfEqualPriorityThatOverlapAndDiffer) {
  Walkthrough walkthrough;
  const Row original = walkthrough.row_of(TableId::kInbound, Kind::kInboundClause, Walkthrough::kC);
  Row other = original;
  other.match.exact(net::Field::kDscp, 46);
  other.next = program::Discard{};
  walkthrough.program.table(TableId::kInbound).push_back(other);
  walkthrough.program.canonicalize();
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I6");
  EXPECT_EQ(violations[0].rows.size(), 2U);
}

TEST(StructureTest, I6SeesRowsOfEqualPriorityThatOverlapAndCountOtherwise) {
  Walkthrough walkthrough;
  Row other = walkthrough.row_of(TableId::kInbound, Kind::kInboundClause, Walkthrough::kC);
  other.match.exact(net::Field::kDscp, 46);
  other.queries = {77};
  walkthrough.program.table(TableId::kInbound).push_back(other);
  walkthrough.program.canonicalize();
  const auto violated = walkthrough.violated();
  EXPECT_TRUE(std::ranges::find(violated, "I6") != violated.end());
}

TEST(StructureTest, I7SeesAForbiddenWrite) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  row.set_fields.push_back({.field = net::Field::kSrcMac, .value = 1});
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I7");
  EXPECT_EQ(violations[0].message, "a row of table outbound writes srcmac");
}

TEST(StructureTest, I7SeesAPacketPutOutWithTheTagStillOn) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  row.next = program::Output{net::PortNo{2}};
  EXPECT_EQ(walkthrough.check().at(0).invariant, "I7");
}

TEST(StructureTest, I12SeesTooManyRows) {
  const Walkthrough walkthrough;
  const std::size_t rows = walkthrough.program.row_count();
  EXPECT_TRUE(walkthrough.check({.max_rows = rows}).empty());
  const auto violations = walkthrough.check({.max_rows = rows - 1});
  ASSERT_EQ(violations.size(), 1U);
  EXPECT_EQ(violations[0].invariant, "I12");
}

TEST(StructureTest, I1SeesAMirrorToAnothersPort) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  row.copies = {walkthrough.exchange.routers.back().port};
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I1");
  EXPECT_NE(violations[0].message.find("which is not its owner's"), std::string::npos);
}

TEST(StructureTest, I1SeesAMeterOfAnother) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  row.meter = program::meter_of(Walkthrough::kC, 0, 1000);
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I1");
}

TEST(StructureTest, I6SeesCopiesThatNoPolicyAskedFor) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kResolve, Kind::kRealMac, Walkthrough::kC);
  row.next = program::Fork{
      .branches = {{program::Metadata::egress_router(net::RouterId{0}), TableId::kInbound},
                   {program::Metadata::egress_router(net::RouterId{1}), TableId::kInbound}}};
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I6");
}

// The clause means one copy; the rows make two.
TEST(StructureTest, I11SeesAForkInPlaceOfAForward) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  const program::Metadata own = row.write_metadata;
  const auto other = program::Metadata::egress(Walkthrough::kC) |
                     program::Metadata::egress_router(walkthrough.exchange.routers.back().id);
  row.write_metadata = {};
  program::Fork fork{.branches = {{own, TableId::kInbound}, {other, TableId::kInbound}}};
  std::ranges::sort(fork.branches);
  row.next = fork;
  if (own == other) GTEST_SKIP();
  EXPECT_FALSE(walkthrough.check().empty());
}

TEST(StructureTest, I12SeesTooManyMetersAndOneWithTwoRates) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kOutbound, Kind::kOutboundClause, Walkthrough::kA);
  row.meter = program::meter_of(Walkthrough::kA, 0, 1000);
  EXPECT_EQ(walkthrough.check({.max_meters = 0}).at(0).invariant, "I12");
  Row other = row;
  --other.priority;
  other.meter = program::meter_of(Walkthrough::kA, 0, 2000);
  walkthrough.program.table(TableId::kOutbound).push_back(other);
  EXPECT_EQ(walkthrough.check().at(0).message, "meter 1 has two rates");
}

TEST(StructureTest, I11SeesPacketsHashedAnewAfterTheyWereRewritten) {
  Walkthrough walkthrough;
  Row& row = walkthrough.row_of(TableId::kInbound, Kind::kInboundClause, Walkthrough::kC);
  row.hashes = {net::HashKey::kFlow};
  const auto violations = walkthrough.check();
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations[0].invariant, "I11");
  EXPECT_EQ(violations[0].message, "a row of table inbound hashes packets anew");
}

}  // namespace
}  // namespace fabrix::verify
