#include "controller/audit.h"

#include <memory>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

// A row goes, or does or matches something else.
void tamper(program::Program& program, std::mt19937_64& random) {
  const auto table = static_cast<program::TableId>(random() % program::kTableCount);
  auto& rows = program.table(table);
  if (rows.empty()) return;
  program::Row& row = rows[random() % rows.size()];
  switch (random() % 6) {
    case 0:
      row.next = program::Discard{};
      break;
    case 1:
      row.next = program::Output{net::PortNo{static_cast<std::uint32_t>(random() % 9)}};
      break;
    case 2:
      row.write_metadata.bits = random() & row.write_metadata.mask;
      break;
    case 3:
      row.match.metadata = {};
      row.origin = {};
      break;
    case 4:
      row.match.fields.clear();
      row.priority = static_cast<std::uint16_t>(random());
      break;
    default:
      row.set_fields.push_back({net::Field::kDstMac, random() % (std::uint64_t{1} << 48U)});
  }
}

class AuditTest : public testing::Test {
 protected:
  AuditTest() {
    world_.announce("b1", "140.0.0.0/24");
    world_.announce("c1", "140.0.0.0/24");
    EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=80) >> fwd(B)"), "");
  }

  World world_;
};

TEST_F(AuditTest, ARunningExchangeIsRight) {
  const Audit found = audit(world_.controller());
  EXPECT_TRUE(found.violations.empty());
  EXPECT_TRUE(found.settled);
  EXPECT_TRUE(found.coverage.full);
  EXPECT_EQ(found.senders, 1U);
  EXPECT_EQ(found.coverage.rows, world_.controller().installed()->row_count());
  EXPECT_GT(found.coverage.told, 0U);
}

TEST_F(AuditTest, TheFabricIsReadBack) {
  EXPECT_FALSE(world_.controller().fabric_check().outcome);
  world_.controller().check_fabric();
  const auto& check = world_.controller().fabric_check();
  EXPECT_FALSE(check.is_pending);
  ASSERT_TRUE(check.outcome && *check.outcome);
  EXPECT_TRUE((*check.outcome)->agrees());
  EXPECT_EQ((*check.outcome)->rules, world_.controller().installed()->row_count());
}

TEST_F(AuditTest, AFabricThatHasSomethingElseSaysSo) {
  program::Program other = *world_.controller().installed();
  other.table(program::TableId::kTransit).pop_back();
  world_.fabric().install(std::make_shared<const program::Program>(other),
                          [](const auto& /*outcome*/) {});
  world_.controller().check_fabric();
  const auto& outcome = world_.controller().fabric_check().outcome;
  ASSERT_TRUE(outcome && *outcome);
  EXPECT_FALSE((*outcome)->agrees());
  EXPECT_EQ((*outcome)->missing, 1U);
  ASSERT_EQ((*outcome)->differences.size(), 1U);
  EXPECT_EQ((*outcome)->differences.front().table, program::TableId::kTransit);
}

TEST_F(AuditTest, WhatAFabricDoesInsteadIsProvedToBeWrong) {
  program::Program other = *world_.controller().installed();
  auto& rows = other.table(program::TableId::kOutbound);
  std::erase_if(rows, [](const program::Row& row) {
    return row.origin.kind == program::Origin::Kind::kOutboundClause;
  });
  const auto faults =
      faults_of(world_.controller(), std::make_shared<const program::Program>(other));
  ASSERT_FALSE(faults.empty());
  EXPECT_EQ(faults.front().invariant, "I11");
  EXPECT_TRUE(faults.front().witness);
  EXPECT_TRUE(faults_of(world_.controller(), world_.controller().installed()).empty());
}

// Somebody has been at the switch: the proof is not to end us.
TEST_F(AuditTest, WhateverAFabricDoesCanBeProvedAbout) {
  std::mt19937_64 random(4711);
  std::size_t wrong = 0;
  for (int i = 0; i < 150; ++i) {
    SCOPED_TRACE(fmt::format("round {}", i));
    program::Program other = *world_.controller().installed();
    for (std::uint64_t n = random() % 3; n < 3; ++n) tamper(other, random);
    other.canonicalize();
    const auto actual = std::make_shared<const program::Program>(other);
    if (!faults_of(world_.controller(), actual).empty()) ++wrong;
  }
  EXPECT_GT(wrong, 100U);
}

TEST_F(AuditTest, AFabricThatHasNothingIsWrongForEverybody) {
  EXPECT_FALSE(faults_of(world_.controller(), std::make_shared<const program::Program>()).empty());
}

}  // namespace
}  // namespace fabrix::controller
