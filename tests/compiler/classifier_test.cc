// What the classifier says of prefixes, against each sender asking for itself.
#include "compiler/classifier.h"

#include <array>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "compiler/box.h"
#include "tests/compiler/random_world.h"
#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

class ClassifierTest : public testing::Test {
 protected:
  static constexpr unsigned kMembers = 6;

  ClassifierTest() {
    for (unsigned i = 0; i < kMembers; ++i)
      senders_.emplace_back(world_.exchange, keys_, participant(i));
  }

  void set_targets(unsigned sender, const std::vector<unsigned>& targets) {
    std::vector<policy::Clause> clauses;
    for (const unsigned each : targets) {
      clauses.push_back(clause(dst_port(80), fwd(participant(each))));
    }
    CompiledOutbound compiled;
    if (!targets.empty()) {
      auto policy = std::make_unique<OutboundPolicy>(
          OutboundPolicy::Surroundings{world_.exchange, reach_homes(world_.exchange), counted_,
                                       world_.port_up},
          participant(sender), policy_of(list_of(std::move(clauses))));
      compiled = *senders_[sender].compile(std::move(policy), store_, world_.routes);
    }
    senders_[sender].adopt(std::move(compiled));
    classifier_.policy_changed(participant(sender));
  }
  void update(const std::vector<net::Prefix>& changed) {
    const auto outcome =
        classifier_.update(world_.routes.placed(changed), Classifier::Need::kGroups);
    for (const net::ParticipantId each : outcome.touched) {
      senders_[each.index()].settle({world_.routes, store_, at(std::chrono::seconds(0))});
    }
  }
  // That prefixes of equal meaning, and only those, have equal next hops.
  void check(unsigned sender, const std::vector<net::Prefix>& prefixes) {
    std::map<ClassKey, net::IpAddress> hops;
    std::set<net::IpAddress> seen;
    for (const net::Prefix& each : prefixes) {
      const auto hop = classifier_.virtual_next_hop(participant(sender), each);
      const auto routes = world_.routes.routes(participant(sender), each);
      const OutboundPolicy* policy = senders_[sender].policy();
      const Units units = policy != nullptr ? policy->units_of(routes) : Units{};
      ASSERT_EQ(hop.has_value(), !units.empty()) << each.to_string();
      if (!hop) continue;
      const auto [known, is_new] = hops.emplace(ClassKey{routes.front(), units}, *hop);
      ASSERT_EQ(known->second, *hop);
      if (!is_new) continue;
      ASSERT_TRUE(seen.insert(*hop).second);
    }
  }

  // That groups that there were tell what they told unless it is said.
  void check_telling(unsigned sender, const std::vector<net::Prefix>& prefixes) {
    Told now{.version = senders_[sender].told_version(), .hops = {}};
    for (const net::Prefix& each : prefixes) {
      const std::uint64_t group = classifier_.hop_group(world_.routes.place_of(each));
      const auto hop = classifier_.next_hop_of(group, each.family(), participant(sender));
      if (group != 0) now.hops.emplace(group, hop);
    }
    Told& before = told_.at(sender);
    if (before.version != now.version) before = {.version = now.version, .hops = {}};
    for (const auto& [group, hop] : now.hops) {
      ASSERT_EQ(before.hops.emplace(group, hop).first->second, hop);
    }
  }

  struct Told {
    std::uint64_t version = 0;
    std::map<std::uint64_t, std::optional<net::IpAddress>> hops;  // by group
  };
  std::array<Told, kMembers> told_;
  World world_{std::vector<unsigned>(kMembers, 1)};
  std::vector<bool> counted_ = std::vector<bool>(world_.exchange.participants.size(), false);
  diagram::Store store_{policy_field_widths()};
  ClassKeys keys_;
  std::vector<Sender> senders_;
  Classifier classifier_{world_.routes, senders_, keys_};
};

TEST_F(ClassifierTest, FollowsRandomRoutesAndPolicies) {
  std::mt19937 engine(11);
  const auto random = [&engine] { return static_cast<unsigned>(engine()); };
  std::vector<net::Prefix> prefixes;
  for (unsigned i = 0; i < 24; ++i)
    prefixes.push_back(prefix("10." + std::to_string(i) + ".0.0/16"));
  for (int step = 0; step < 600; ++step) {
    std::vector<net::Prefix> changed;
    for (unsigned i = random() % 4; i > 0; --i) {
      const net::Prefix& each = prefixes[random() % prefixes.size()];
      const net::RouterId from = router(random() % kMembers);
      if (random() % 3 == 0) {
        world_.routes.announce(from, each, static_cast<int>(random() % 3));
        world_.routes.withdraw(from, each);
      } else {
        world_.routes.announce(from, each, static_cast<int>(random() % 3));
      }
      changed.push_back(each);
    }
    for (unsigned i = random() % 3; i > 0; --i) {
      const unsigned sender = random() % kMembers;
      std::vector<unsigned> targets;
      for (unsigned t = 0; t < kMembers; ++t) {
        if (t != sender && random() % 3 == 0) targets.push_back(t);
      }
      set_targets(sender, targets);
    }
    update(changed);
    for (unsigned sender = 0; sender < kMembers; ++sender) {
      check(sender, prefixes);
      check_telling(sender, prefixes);
    }
  }
}

TEST_F(ClassifierTest, ForgettingTheRoutesLeavesNothing) {
  world_.routes.announce(router(1), prefix("10.0.0.0/8"));
  set_targets(0, {1});
  update({});
  const auto before = classifier_.virtual_next_hop(participant(0), prefix("10.0.0.0/8"));
  EXPECT_TRUE(before);
  classifier_.forget_routes();
  EXPECT_EQ(classifier_.group_count(), 0U);
  update({});
  EXPECT_EQ(classifier_.virtual_next_hop(participant(0), prefix("10.0.0.0/8")), before);
  set_targets(0, {});
  const auto outcome = classifier_.update({}, Classifier::Need::kNothing);
  EXPECT_EQ(outcome.touched, std::vector{participant(0)});
  EXPECT_EQ(classifier_.group_count(), 0U);
}

TEST_F(ClassifierTest, AFamilyThatComesBackToAGroupIsToldAnew) {
  const net::Prefix own = prefix("2001:db8::/32");
  world_.routes.announce(router(1), prefix("10.0.0.0/8"));
  world_.routes.announce(router(1), own);
  set_targets(0, {1});
  update({});
  ASSERT_TRUE(classifier_.virtual_next_hop(participant(0), own));
  const std::uint64_t group = classifier_.hop_group(world_.routes.place_of(own));
  const std::uint64_t version = senders_[0].told_version();
  world_.routes.withdraw(router(1), own);
  update({own});
  EXPECT_EQ(senders_[0].told_version(), version) << "nobody is told anything";
  world_.routes.announce(router(1), own);
  update({own});
  ASSERT_EQ(classifier_.hop_group(world_.routes.place_of(own)), group);
  EXPECT_NE(senders_[0].told_version(), version) << "its address may have become another's";
}

TEST_F(ClassifierTest, ToldWhoAnnouncesOtherPrefixes) {
  const net::Prefix p = prefix("10.0.0.0/8");
  const exchange::PlacedPrefix placed = world_.routes.placed(p);
  set_targets(0, {1});
  EXPECT_TRUE(classifier_.update({}, Classifier::Need::kGroups).read_everything);
  world_.routes.announce(router(2), p);
  world_.routes.announce(router(3), p);
  EXPECT_EQ(classifier_.update({&placed, 1}, Classifier::Need::kGroups).announcers,
            (std::vector{router(2), router(3)}));
  world_.routes.withdraw(router(3), p);
  EXPECT_EQ(classifier_.update({&placed, 1}, Classifier::Need::kGroups).announcers,
            std::vector{router(3)});
  world_.routes.announce(router(2), p, 5);  // ranks otherwise
  EXPECT_TRUE(classifier_.update({&placed, 1}, Classifier::Need::kGroups).announcers.empty());
}

}  // namespace
}  // namespace fabrix::compiler
