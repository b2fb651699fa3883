#include "compiler/sender.h"

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "compiler/classifier.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

class SenderTest : public testing::Test {
 protected:
  void adopt(std::vector<policy::Clause> clauses) {
    auto policy = std::make_unique<OutboundPolicy>(
        OutboundPolicy::Surroundings{world_.exchange, reach_homes(world_.exchange), counted_,
                                     world_.port_up},
        participant(0), policy_of(list_of(std::move(clauses))));
    auto compiled = sender_.compile(std::move(policy), store_, world_.routes);
    ASSERT_TRUE(compiled);
    sender_.adopt(*std::move(compiled));
    classifier_.policy_changed(participant(0));
  }
  void refresh(const std::vector<net::Prefix>& changed,
               VnhPool::Clock::time_point now = at(std::chrono::seconds(0))) {
    const auto outcome =
        classifier_.update(world_.routes.placed(changed), Classifier::Need::kGroups);
    const OutboundPolicy* policy = sender_.policy();
    if (policy != nullptr && policy->is_concerned(outcome.announcers, changed)) {
      sender_.read_facts(world_.routes);
    }
    sender_.settle({world_.routes, store_, now});
  }
  void remove_policy() {
    sender_.adopt({});
    classifier_.policy_changed(participant(0));
  }
  std::optional<net::IpAddress> next_hop(const net::Prefix& of) const {
    return classifier_.virtual_next_hop(participant(0), of);
  }

  World world_{{1, 1, 1}};
  std::vector<bool> counted_{false, false, false};
  diagram::Store store_{policy_field_widths()};
  ClassKeys keys_;
  std::vector<Sender> senders_;
  Sender& sender_ = senders_.emplace_back(world_.exchange, keys_, participant(0));
  Classifier classifier_{world_.routes, senders_, keys_};
  const net::Prefix p_ = prefix("140.0.0.0/16");
};

TEST_F(SenderTest, ARouteUpdateChangesTagsAndNoRows) {
  adopt({clause(dst_port(80), fwd(participant(1)))});
  refresh({});
  EXPECT_TRUE(sender_.take_rows_changed());
  EXPECT_EQ(next_hop(p_), std::nullopt);
  world_.routes.announce(router(1), p_);
  refresh({p_});
  EXPECT_FALSE(sender_.take_rows_changed());
  const auto alone = next_hop(p_);
  ASSERT_TRUE(alone);
  world_.routes.announce(router(2), p_, -1);
  refresh({p_});
  const auto second = next_hop(p_);
  EXPECT_TRUE(second);
  EXPECT_NE(second, alone);
  EXPECT_FALSE(sender_.take_rows_changed());
}

TEST_F(SenderTest, WithoutNeedThereIsNoVirtualNextHop) {
  adopt({clause(dst_port(80), fwd(participant(1)))});
  world_.routes.announce(router(2), p_);
  refresh({});
  EXPECT_EQ(next_hop(p_), std::nullopt);
}

TEST_F(SenderTest, NeighboursOutliveThePolicy) {
  adopt({clause(dst_port(80), policy::Drop{})});
  world_.routes.announce(router(2), p_);
  refresh({});
  EXPECT_TRUE(next_hop(p_));
  remove_policy();
  refresh({});
  EXPECT_EQ(next_hop(p_), std::nullopt);
  EXPECT_EQ(sender_.rows(), nullptr);
  EXPECT_TRUE(sender_.take_changed_neighbors());
  EXPECT_FALSE(sender_.take_changed_neighbors());
  EXPECT_EQ(sender_.neighbors()->size(), 1U);
}

TEST_F(SenderTest, AClassThatComesBackHasItsOldNextHop) {
  adopt({clause(dst_port(80), fwd(participant(1)))});
  world_.routes.announce(router(1), p_);
  refresh({p_});
  const auto first = next_hop(p_);
  const std::uint64_t version = sender_.told_version();
  for (int i = 0; i < 3; ++i) {
    world_.routes.withdraw(router(1), p_);
    refresh({p_});
    EXPECT_EQ(next_hop(p_), std::nullopt);
    world_.routes.announce(router(1), p_);
    refresh({p_});
    EXPECT_EQ(next_hop(p_), first);
  }
  // Of groups that are new nobody has been told anything.
  EXPECT_EQ(sender_.told_version(), version);
  EXPECT_EQ(sender_.classes().all().size(), 1U);
}

TEST_F(SenderTest, AClassIsForgottenWhenItsNextHopIsAnothers) {
  world_.exchange.virtual_next_hops = {prefix("172.0.128.0/31")};
  adopt({clause(dst_port(80), fwd(participant(1))), clause(dst_port(81), policy::Drop{})});
  refresh({});
  const auto is_best = [&](unsigned best, bool with_other, int hour) {
    for (const unsigned each : {1U, 2U}) world_.routes.withdraw(router(each), p_);
    world_.routes.announce(router(best), p_);
    if (with_other) world_.routes.announce(router(3 - best), p_, 1);
    refresh({p_}, at(std::chrono::hours(hour)));
    return next_hop(p_);
  };
  const auto first = is_best(1, false, 10);
  const auto second = is_best(2, false, 20);
  ASSERT_TRUE(first && second);
  EXPECT_NE(second, first);
  EXPECT_EQ(sender_.classes().all().size(), 2U);
  EXPECT_EQ(is_best(2, true, 30), first);
  EXPECT_EQ(is_best(1, false, 31), std::nullopt);
  EXPECT_EQ(is_best(2, false, 32), second);
  EXPECT_EQ(is_best(2, true, 33), first);
  EXPECT_EQ(sender_.classes().all().size(), 2U);
  EXPECT_EQ(keys_.size(), 2U);
}

TEST_F(SenderTest, WhatTagsSayKeepsItsPlaceWhileItIsTrue) {
  adopt({clause(dst_port(80), fwd(participant(1)))});
  refresh({});
  const program::TagMeaningPtr first = sender_.meaning();
  ASSERT_TRUE(first);
  world_.routes.announce(router(1), p_);
  refresh({p_});
  adopt({clause(dst_port(81), fwd(participant(1)))});
  refresh({});
  EXPECT_EQ(sender_.meaning(), first);
  adopt({clause(dst_port(81), fwd(participant(2)))});
  refresh({});
  EXPECT_NE(sender_.meaning(), first);
  remove_policy();
  refresh({});
  EXPECT_EQ(sender_.meaning(), nullptr);
}

TEST_F(SenderTest, RowsThatDependOnRoutesFollowThem) {
  adopt({clause(in_prefixes_of(participant(1), policy::Side::kDestination), policy::Drop{})});
  refresh({});
  EXPECT_EQ(sender_.rows(), nullptr);
  world_.routes.announce(router(1), p_);
  refresh({p_});
  EXPECT_EQ(sender_.rows()->size(), 1U);
}

}  // namespace
}  // namespace fabrix::compiler
