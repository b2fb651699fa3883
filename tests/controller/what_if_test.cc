#include "controller/what_if.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

using program::TableId;

class WhatIfTest : public testing::Test {
 protected:
  WhatIfTest() {
    world_.announce("b1", "140.0.0.0/24");
    world_.announce("c1", "140.0.0.0/24", World::path({300}));
    world_.announce("c1", "140.0.0.0/16", World::path({300, 7}));
    EXPECT_EQ(world_.set_policy("A", "outbound = match(dstport=80) >> fwd(C)"), "");
  }
  net::ParticipantId id(std::string_view name) const {
    return world_.exchange().find_participant(name)->id;
  }
  std::optional<WhatIf> withdraw(std::string_view prefix, std::string_view from) {
    return what_if_withdrawn(world_.controller(), World::prefix(prefix), id(from));
  }
  bool sends(const WhatIf& found, std::string_view before, std::string_view after) const {
    return std::ranges::any_of(found.packets.changes, [&](const verify::PacketChange& change) {
      return change.sender == id("A") && change.before == before && change.after == after;
    });
  }

  World world_;
};

TEST_F(WhatIfTest, APolicyIsToldBeforeItHappens) {
  const auto before = world_.controller().installed();
  const auto found = what_if_policy(world_.controller(), id("A"),
                                    "outbound = match(dstport=443) >> fwd(C)\n", "new.policy");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->violations.empty());
  EXPECT_TRUE(sends(*found, "sent to B (b1)", "sent to C (c1)"));  // 443
  EXPECT_TRUE(sends(*found, "sent to C (c1)", "sent to B (b1)"));  // 80
  for (const verify::PacketChange& change : found->packets.changes) {
    EXPECT_EQ(change.sender, id("A"));
  }
  const auto& outbound = found->tables.at(static_cast<std::size_t>(TableId::kOutbound));
  EXPECT_GT(outbound.added + outbound.modified, 0U);
  EXPECT_EQ(found->rows_before, before->row_count());
  world_.settle();
  EXPECT_EQ(world_.controller().installed(), before);
}

TEST_F(WhatIfTest, ItIsWhatHappensThen) {
  const std::string text = "inbound = match(dstport=22) >> drop\n";
  const auto found = what_if_policy(world_.controller(), id("C"), text, "new.policy");
  ASSERT_TRUE(found);
  EXPECT_EQ(world_.set_policy("C", text), "");
  EXPECT_EQ(world_.controller().installed()->row_count(), found->rows_after);
}

constexpr std::string_view kGate =
    "event low : bool\n"
    "fsm gate per srcip {\n"
    "  var shut : bool\n"
    "  on low { shut = value }\n"
    "  policy = case { shut -> drop; else -> fwd(B) }\n"
    "}\n"
    "outbound = gate\n";

TEST_F(WhatIfTest, APolicyWithFsmsIsInTheStatesThatItWouldTakeOver) {
  EXPECT_EQ(world_.set_policy("A", std::string(kGate)), "");
  const auto told = world_.controller().event(
      id("A"), {"low", "", {{"srcip", "100.0.0.1"}, {"value", "true"}}}, Controller::Clock::now());
  ASSERT_TRUE(told);
  world_.settle();
  std::string text(kGate);
  text.replace(text.find("fwd(B)"), 6, "fwd(C)");
  const auto found = what_if_policy(world_.controller(), id("A"), text, "new.policy");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->violations.empty());
  EXPECT_TRUE(sends(*found, "sent to B (b1)", "sent to C (c1)"));
  for (const verify::PacketChange& change : found->packets.changes) {
    EXPECT_TRUE(change.before.starts_with("sent to")) << change.before << " -> " << change.after;
  }
}

TEST_F(WhatIfTest, WhatIsWrongInSomeStateIsToldBeforeItHappens) {
  std::string text(kGate);
  text.replace(text.find("shut -> drop"), 12, "shut -> fwd(C) + fwd(B)");
  const auto found = what_if_policy(world_.controller(), id("A"), text, "new.policy");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().front().code, "P0301");
}

TEST_F(WhatIfTest, WhoAnnouncesNothingNowIsNoted) {
  const auto found = what_if_policy(world_.controller(), id("A"),
                                    "outbound = match(dstport=80) >> fwd(D)", "new.policy");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->problems.size(), 1U);
  EXPECT_EQ(found->problems[0].code, "P0317");
  EXPECT_EQ(found->problems[0].message, "D announces nothing now");
  EXPECT_EQ(found->problems[0].file, "new.policy");
}

TEST_F(WhatIfTest, APolicyWithErrorsIsToldSo) {
  const auto found =
      what_if_policy(world_.controller(), id("A"), "outbound = match(dstprt=80)", "new.policy");
  ASSERT_FALSE(found);
  EXPECT_FALSE(found.error().empty());
}

TEST_F(WhatIfTest, AWithdrawalSendsPacketsToWhoIsLeft) {
  const auto found = withdraw("140.0.0.0/24", "B");
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->violations.empty());
  EXPECT_TRUE(sends(*found, "sent to B (b1)", "sent to C (c1)"));
  EXPECT_FALSE(sends(*found, "sent to C (c1)", "sent to B (b1)"));
}

TEST_F(WhatIfTest, WithoutItsOwnRouteADestinationIsRoutedByWhatCoversIt) {
  world_.announce("b1", "140.0.5.0/24");
  const auto found = withdraw("140.0.5.0/24", "B");
  ASSERT_TRUE(found);
  EXPECT_TRUE(sends(*found, "sent to B (b1)", "sent to C (c1)"));
}

TEST_F(WhatIfTest, WhatIsNotAnnouncedCannotBeWithdrawn) {
  EXPECT_FALSE(withdraw("8.8.8.0/24", "B"));
}

}  // namespace
}  // namespace fabrix::controller
