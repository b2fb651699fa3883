#include "controller/audit.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

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
}

}  // namespace
}  // namespace fabrix::controller
