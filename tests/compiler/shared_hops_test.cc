// That groups and their shares say together what the classifier says of each prefix.
#include "compiler/shared_hops.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <random>
#include <set>

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

constexpr unsigned kMembers = 6;

class SharedHopsTest : public testing::Test {
 protected:
  SharedHopsTest() {
    for (unsigned i = 0; i < 16; ++i)
      prefixes_.push_back(prefix("10." + std::to_string(i) + ".0.0/16"));
  }

  void set_targets(unsigned sender, const std::vector<unsigned>& targets) {
    std::vector<policy::Clause> clauses;
    for (const unsigned each : targets)
      clauses.push_back(clause(dst_port(80), fwd(participant(each))));
    ASSERT_TRUE(
        compiler_.set_policy(participant(sender), policy_of(list_of(std::move(clauses))), ""));
  }
  void change_routes() {
    const net::Prefix& each = prefixes_[random() % prefixes_.size()];
    const net::RouterId from = router(random() % kMembers);
    if (random() % 3 == 0) {
      world_.routes.announce(from, each);
      world_.routes.withdraw(from, each);
    } else {
      world_.routes.announce(from, each, static_cast<int>(random() % 3));
    }
    compiler_.routes_changed({&each, 1});
  }
  unsigned random() { return static_cast<unsigned>(engine_()); }

  std::vector<unsigned> any_targets(unsigned sender) {
    std::vector<unsigned> targets;
    for (unsigned t = 0; t < kMembers; ++t) {
      if (t != sender && random() % 3 == 0) targets.push_back(t);
    }
    return targets;
  }
  // By client, by prefix.
  std::vector<std::vector<std::optional<net::IpAddress>>> all_next_hops() const {
    std::vector<std::vector<std::optional<net::IpAddress>>> all(kMembers);
    for (unsigned i = 0; i < kMembers; ++i) {
      for (const net::Prefix& each : prefixes_) {
        all[i].push_back(compiler_.virtual_next_hop(participant(i), each));
      }
    }
    return all;
  }
  bool has_route_of_any(const net::Prefix& of, const std::vector<unsigned>& members) const {
    return std::ranges::any_of(members, [&](unsigned each) {
      return world_.routes.own_route(participant(each), of).has_value();
    });
  }

  // By the group's own word, or else by that of one share.
  std::optional<net::IpAddress> composed(std::uint64_t group, net::ParticipantId client) {
    const auto& shares = compiler_.shares();
    std::vector<std::uint64_t> numbers;
    if (shares.speaks_of(group, client) || !shares.shares_of(group, numbers)) {
      return compiler_.next_hop_of(group, net::Family::kIpv4, client);
    }
    std::optional<net::IpAddress> found;
    for (const std::uint64_t each : numbers) {
      EXPECT_TRUE(shares.has_share(each, net::Family::kIpv4));
      const auto word = shares.word_of(each, net::Family::kIpv4, client);
      EXPECT_FALSE(word && found);
      if (word) found = word;
    }
    return found;
  }
  void check() {
    std::array<std::set<std::uint64_t>, kMembers> own;
    std::set<std::uint64_t> all_shares;
    for (const net::Prefix& each : prefixes_) {
      const std::uint64_t group = compiler_.hop_group(world_.routes.place_of(each));
      if (group == 0) continue;
      std::vector<std::uint64_t> numbers;
      if (compiler_.shares().shares_of(group, numbers)) {
        all_shares.insert(numbers.begin(), numbers.end());
      }
      for (unsigned i = 0; i < kMembers; ++i) {
        const auto told = compiler_.virtual_next_hop(participant(i), each);
        ASSERT_EQ(told, composed(group, participant(i)));
        if (told && compiler_.shares().speaks_of(group, participant(i))) own.at(i).insert(group);
      }
    }
    for (unsigned i = 0; i < kMembers; ++i) {
      std::size_t words = own.at(i).size();
      for (const std::uint64_t each : all_shares) {
        if (compiler_.shares().word_of(each, net::Family::kIpv4, participant(i))) ++words;
      }
      ASSERT_EQ(compiler_.told_words(participant(i)), words);
    }
  }

  std::mt19937 engine_{17};
  World world_{std::vector<unsigned>(kMembers, 1)};
  std::vector<net::Prefix> prefixes_;
  Compiler compiler_{world_.exchange, world_.routes};
};

TEST_F(SharedHopsTest, SayTogetherWhatIsToldThroughRandomChanges) {
  for (int step = 0; step < 200; ++step) {
    for (unsigned i = random() % 4; i > 0; --i) change_routes();
    if (random() % 3 == 0) {
      const unsigned sender = random() % kMembers;
      set_targets(sender, any_targets(sender));
    }
    compiler_.compile(at(std::chrono::seconds(0)));
    check();
  }
}

// As verify/next_hops.h has it: what verifiers look at after an edit.
TEST_F(SharedHopsTest, AnEditChangesWhatIsToldOnlyWhereItsTargetsHaveRoutes) {
  std::vector<std::vector<unsigned>> targets(kMembers);
  int changes = 0;
  for (int step = 0; step < 200; ++step) {
    for (unsigned i = random() % 4; i > 0; --i) change_routes();
    compiler_.compile(at(std::chrono::seconds(0)));
    const auto before = all_next_hops();
    const unsigned sender = random() % kMembers;
    const auto others = any_targets(sender);
    std::vector<unsigned> concerned;
    std::ranges::set_symmetric_difference(targets[sender], others, std::back_inserter(concerned));
    // The first policy and the last change it all.
    const bool all = targets[sender].empty() || others.empty();
    set_targets(sender, targets[sender] = others);
    EXPECT_TRUE(compiler_.compile(at(std::chrono::seconds(0))).renumbered.empty());
    const auto now = all_next_hops();
    for (unsigned i = 0; i < kMembers; ++i) {
      for (std::size_t p = 0; p < prefixes_.size(); ++p) {
        if (now[i][p] == before[i][p]) continue;
        ++changes;
        EXPECT_EQ(i, sender);
        EXPECT_TRUE(all || has_route_of_any(prefixes_[p], concerned)) << p;
      }
    }
  }
  EXPECT_GT(changes, 100);
}

TEST_F(SharedHopsTest, SayNothingOfNumbersThatAreGone) {
  const auto& shares = compiler_.shares();
  std::vector<std::uint64_t> numbers{1};
  EXPECT_FALSE(shares.shares_of(12345, numbers));
  EXPECT_TRUE(numbers.empty());
  std::vector<net::ParticipantId> clients{participant(1)};
  shares.own_clients(12345, clients);
  EXPECT_TRUE(clients.empty());
  EXPECT_FALSE(shares.has_share(12345, net::Family::kIpv4));
  EXPECT_FALSE(shares.word_of(12345, net::Family::kIpv4, participant(0)));
}

}  // namespace
}  // namespace fabrix::compiler
