#include "verify/plan.h"

#include <gtest/gtest.h>

#include "tests/verify/walkthrough.h"

namespace fabrix::verify {
namespace {

using program::TableId;

TEST(PlanTest, FollowsARowToThoseItConcerns) {
  Walkthrough walkthrough;
  const program::Program before = walkthrough.program;
  for (program::Row& row : walkthrough.program.table(TableId::kOutbound)) {
    if (row.origin.kind == program::Origin::Kind::kOutboundClause) row.next = program::Discard{};
  }
  walkthrough.program.table(TableId::kTransit).pop_back();
  const auto delta = program::difference(before, walkthrough.program);
  Plan plan(walkthrough.exchange);
  plan.add_rows(delta);
  plan.follow_keys(walkthrough.exchange, Directory(walkthrough.exchange));
  EXPECT_EQ(plan.senders.ids(), std::vector{Walkthrough::kA});
  EXPECT_EQ(plan.transit.ids().size(), 1U);
  EXPECT_TRUE(plan.receivers.ids().empty());
  EXPECT_TRUE(plan.admission.ids().empty());
  EXPECT_FALSE(plan.resolution);
  EXPECT_EQ(plan.rows.size(), delta.modify.size());
}

TEST(PlanTest, ARowWithoutAKeyConcernsEverybody) {
  Walkthrough walkthrough;
  const program::Program before = walkthrough.program;
  walkthrough.row_of(TableId::kOutbound, program::Origin::Kind::kDefault, net::ParticipantId{0})
      .next = program::Discard{};
  const auto delta = program::difference(before, walkthrough.program);
  Plan plan(walkthrough.exchange);
  plan.add_rows(delta);
  plan.follow_keys(walkthrough.exchange, Directory(walkthrough.exchange));
  EXPECT_EQ(plan.senders.ids().size(), walkthrough.exchange.participants.size());
}

TEST(PlanTest, EverythingIsEverything) {
  const Walkthrough walkthrough;
  Plan plan(walkthrough.exchange);
  plan.add_all(walkthrough.exchange, walkthrough.program, RowIndex(walkthrough.program));
  EXPECT_EQ(plan.rows.size(), walkthrough.program.row_count());
  EXPECT_EQ(plan.senders.ids().size(), walkthrough.exchange.participants.size());
  EXPECT_EQ(plan.admission.ids().size(), walkthrough.exchange.routers.size());
  EXPECT_TRUE(plan.resolution && plan.site_admission && plan.full);
}

}  // namespace
}  // namespace fabrix::verify
