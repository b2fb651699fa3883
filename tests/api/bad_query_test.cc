#include "api/bad_query.h"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "api/bad_updates.h"
#include "tests/api/world.h"

namespace fabrix::api {
namespace {

class BadQueryTest : public ::testing::Test {
 protected:
  testing::World world_;
  BadUpdates bad_{world_.controller};
  Sources sources_{.controller = &world_.controller, .bad_updates = &bad_};
};

TEST_F(BadQueryTest, ShowsTheMessagesNewestFirstWithTheirOctets) {
  bad_.note(routeserver::PeerId{1}, {.reaction = bgp::BadUpdateReaction::kTreatAsWithdraw,
                                     .faults = {{"ORIGIN (1): wrong length", "RFC 7606 §7.1"}},
                                     .message = {std::byte{0xff}, std::byte{0x02}}});
  bad_.note(routeserver::PeerId{1}, {.reaction = bgp::BadUpdateReaction::kSessionReset,
                                     .faults = {{"malformed NLRI", ""}},
                                     .notification = bgp::NotificationCode{3, 10},
                                     .message = {std::byte{0x00}}});
  const auto all = show_bad(sources_, std::nullopt);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->as_array().size(), 1U) << "only who sent any";
  const auto& neighbor = all->at(0);
  EXPECT_EQ(neighbor.at("router").as_string(), "b1");
  EXPECT_EQ(neighbor.at("treated_as_withdraw").to_number<int>(), 1);
  EXPECT_EQ(neighbor.at("session_resets").to_number<int>(), 1);
  const auto& updates = neighbor.at("updates").as_array();
  ASSERT_EQ(updates.size(), 2U);
  EXPECT_EQ(updates[0].at("reaction").as_string(), "session reset");
  EXPECT_EQ(updates[0].at("notification").as_string(), "3/10 invalid network field");
  EXPECT_FALSE(updates[0].at("faults").at(0).as_object().contains("rule"));
  EXPECT_EQ(updates[1].at("hex").as_string(), "ff02");
  EXPECT_EQ(updates[1].at("octets").to_number<int>(), 2);
  EXPECT_EQ(updates[1].at("faults").at(0).at("rule").as_string(), "RFC 7606 §7.1");
}

TEST_F(BadQueryTest, AnswersForOneNeighborAndKnowsNoStrangers) {
  const auto one = show_bad(sources_, "C");
  ASSERT_TRUE(one);
  EXPECT_TRUE(one->at(0).at("updates").as_array().empty());
  EXPECT_EQ(show_bad(sources_, "Z").error().kind, RefusalKind::kNotFound);
  EXPECT_TRUE(show_bad(sources_, std::nullopt)->as_array().empty());
  EXPECT_EQ(show_bad(world_.sources(), std::nullopt).error().kind, RefusalKind::kBadRequest);
}

}  // namespace
}  // namespace fabrix::api
