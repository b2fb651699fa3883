// What shares of groups say of senders' classes, against counting the groups anew.
#include "compiler/route_shares.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

constexpr unsigned kMembers = 5;
constexpr net::Family kIp4 = net::Family::kIpv4;

class RouteSharesTest : public testing::Test {
 protected:
  RouteSharesTest() {
    for (unsigned i = 0; i < kMembers; ++i)
      senders_.emplace_back(world_.exchange, keys_, participant(i));
  }

  // The sender forwards to each of these.
  void ask(unsigned sender, const std::vector<unsigned>& targets) {
    std::vector<policy::Clause> clauses;
    for (const unsigned each : targets) {
      clauses.push_back(clause(dst_port(80), fwd(participant(each))));
    }
    auto policy = std::make_unique<OutboundPolicy>(
        OutboundPolicy::Surroundings{world_.exchange, reach_homes(world_.exchange), counted_,
                                     world_.port_up},
        participant(sender), policy_of(list_of(std::move(clauses))));
    senders_[sender].adopt(*senders_[sender].compile(std::move(policy), store_, world_.routes));
  }
  ShareId enter(unsigned best, unsigned of, const std::vector<unsigned>& asking) {
    RouteShares::Participants who;
    for (const unsigned each : asking) who.insert(participant(each));
    return shares_.enter(router(best), router(of), who);
  }
  bool uses(ShareId share, unsigned sender) const {
    const auto* sharer = shares_.sharer(shares_[share], participant(sender));
    return sharer != nullptr && sharer->uses[0];
  }
  std::size_t classes_of(unsigned sender) {
    std::size_t count = 0;
    senders_[sender].classes().for_each([&](const ForwardingClass& each) {
      if (each.groups > 0) ++count;
    });
    return count;
  }

  World world_{std::vector<unsigned>(kMembers, 1)};
  std::vector<bool> counted_ = std::vector<bool>(kMembers, false);
  diagram::Store store_{policy_field_widths()};
  ClassKeys keys_;
  std::vector<Sender> senders_;
  RouteShares::Participants touched_;
  RouteShares shares_{senders_, keys_, touched_};
};

TEST_F(RouteSharesTest, AClassIsInUseWhileAGroupLeavesItToTheShare) {
  ask(0, {2});
  const ShareId share = enter(1, 2, {0});
  EXPECT_EQ(enter(1, 2, {0}), share);
  EXPECT_FALSE(uses(share, 0));
  RouteGroup plain;
  plain.prefixes[0] = 1;
  RouteGroup own = plain;  // where the sender has a class of its own
  own.members = {{participant(0), Member::kNoClass}};
  shares_.add_user(share, own, kIp4);
  EXPECT_FALSE(uses(share, 0));
  EXPECT_EQ(classes_of(0), 0U);
  shares_.add_user(share, plain, kIp4);
  EXPECT_TRUE(uses(share, 0));
  EXPECT_EQ(classes_of(0), 1U);
  EXPECT_TRUE(touched_.contains(participant(0)));
  EXPECT_EQ(senders_[0].classes().key_of(shares_.sharer(shares_[share], participant(0))->of).best,
            router(1));
  shares_.remove_user(share, plain, kIp4);
  EXPECT_FALSE(uses(share, 0));
  EXPECT_EQ(classes_of(0), 0U);
  shares_.remove_user(share, own, kIp4);
  shares_.leave(share);
  shares_.leave(share);
  EXPECT_TRUE(shares_.of_router(router(2)).empty());
}

TEST_F(RouteSharesTest, WhoAsksLaterIsInItsClassesOnceItIsSettled) {
  const ShareId share = enter(1, 2, {});
  RouteGroup group;
  group.prefixes[0] = 1;
  shares_.add_user(share, group, kIp4);
  ask(3, {2});
  shares_.enlist(participant(3), router(2));
  EXPECT_FALSE(uses(share, 3));
  shares_.settle(participant(3), router(2));
  EXPECT_TRUE(uses(share, 3));
  shares_.except(share, group, participant(3));
  EXPECT_FALSE(uses(share, 3));
  shares_.include(share, group, participant(3));
  EXPECT_TRUE(uses(share, 3));
  shares_.delist(participant(3), router(2));
  EXPECT_EQ(shares_.sharer(shares_[share], participant(3)), nullptr);
  EXPECT_EQ(classes_of(3), 0U);
}

// A place that one leaves is another's next, in old shares and new ones.
TEST_F(RouteSharesTest, SpeakOfWhoeverAsksAsTheyComeAndGo) {
  constexpr unsigned kTarget = 4;
  for (unsigned each = 0; each < kTarget; ++each) ask(each, {kTarget});
  RouteGroup group;
  group.prefixes[0] = 1;
  std::mt19937 random(3);
  std::set<unsigned> asking{1, 2};
  std::map<unsigned, ShareId> by_best;
  for (int step = 0; step < 2'000; ++step) {
    const unsigned one = random() % kTarget;
    const std::size_t what = random() % 2;
    if (what == 0 && asking.contains(one)) {
      asking.erase(one);
      shares_.delist(participant(one), router(kTarget));
    } else if (what == 0) {
      asking.insert(one);
      shares_.enlist(participant(one), router(kTarget));
      shares_.settle(participant(one), router(kTarget));
    } else if (const auto known = by_best.find(one); known != by_best.end()) {
      shares_.remove_user(known->second, group, kIp4);
      shares_.leave(known->second);
      by_best.erase(known);
    } else {
      by_best[one] = enter(one, kTarget, {asking.begin(), asking.end()});
      shares_.add_user(by_best[one], group, kIp4);
    }
    for (unsigned sender = 0; sender < kTarget; ++sender) {
      const bool asks = asking.contains(sender);
      for (const auto& [best, share] : by_best) ASSERT_EQ(uses(share, sender), asks);
      ASSERT_EQ(classes_of(sender), asks ? by_best.size() : 0);
    }
  }
}

TEST_F(RouteSharesTest, ForgettingThemLeavesNoClass) {
  ask(0, {2, 4});
  RouteGroup group;
  group.prefixes[0] = 1;
  for (const unsigned of : {2U, 4U}) shares_.add_user(enter(of, of, {0}), group, kIp4);
  EXPECT_EQ(classes_of(0), 2U);
  shares_.clear();
  EXPECT_EQ(classes_of(0), 0U);
  EXPECT_TRUE(shares_.of_router(router(4)).empty());
}

// Groups come and go, and have classes of their own for some or not.
TEST_F(RouteSharesTest, CountWhoLeavesTheClassToThemThroughRandomChanges) {
  for (unsigned each = 0; each < 3; ++each) ask(each, {3, 4});
  std::mt19937 random(9);
  struct Known {
    RouteGroup group;
    ShareId share;
  };
  std::vector<Known> groups;
  for (int step = 0; step < 2'000; ++step) {
    if (groups.empty() || random() % 2 == 0) {
      RouteGroup group;
      for (unsigned each = 0; each < 3; ++each) {
        if (random() % 2 == 0) group.members.emplace_back(participant(each), Member::kNoClass);
      }
      group.prefixes[0] = 1;
      const ShareId share = enter(random() % 2, 3 + random() % 2, {0, 1, 2});
      shares_.add_user(share, group, kIp4);
      groups.push_back({.group = std::move(group), .share = share});
    } else {
      const auto at = groups.begin() + static_cast<std::ptrdiff_t>(random() % groups.size());
      shares_.remove_user(at->share, at->group, kIp4);
      shares_.leave(at->share);
      groups.erase(at);
    }
    std::map<ShareId, std::array<bool, 3>> expected;
    for (const Known& each : groups) {
      for (unsigned sender = 0; sender < 3; ++sender) {
        if (each.group.member(participant(sender)) == nullptr) {
          expected[each.share].at(sender) = true;
        }
      }
    }
    for (unsigned sender = 0; sender < 3; ++sender) {
      std::size_t classes = 0;
      for (const auto& [share, by_sender] : expected) {
        ASSERT_EQ(uses(share, sender), by_sender.at(sender));
        if (by_sender.at(sender)) ++classes;
      }
      ASSERT_EQ(classes_of(sender), classes);
    }
  }
}

}  // namespace
}  // namespace fabrix::compiler
