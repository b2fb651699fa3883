// What holds for the controller whatever happened before: random histories on the simulated fabric.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

// A random change, and how to take it back. Announcements come from a router that has none.
class History {
 public:
  History(World& world, std::uint32_t seed) : world_(world), engine_(seed) {}

  void step() {
    switch (below(5)) {
      case 0:
        return port();
      case 1:
        return policy();
      default:
        return route();
    }
  }

  // In any order: the state is what counts.
  void reverse() {
    for (const auto& [key, prefix] : announced_) world_.withdraw(key.first, prefix);
    for (const std::string& participant : with_policy_) world_.remove_policy(participant);
    for (const std::string& router : down_) world_.set_port(router, true);
  }

 private:
  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(engine_);
  }

  void route() {
    static const std::vector<std::string> prefixes{"140.0.0.0/24", "140.0.0.0/16", "150.0.0.0/24",
                                                   "2001:db8:1::/48", "2001:db8:1:2::/64"};
    const std::string& router = kRouters.at(below(kRouters.size()));
    const std::string& prefix = prefixes.at(below(prefixes.size()));
    const auto key = std::pair(router, prefix);
    if (announced_.erase(key) != 0) return world_.withdraw(router, prefix);
    bgp::PathAttributes attributes =
        World::path({kAsns.at(static_cast<std::size_t>(router.front() - 'a'))});
    for (std::size_t i = below(3); i > 0; --i) {
      attributes.as_path.segments.front().asns.push_back(net::Asn{9});
    }
    announced_.emplace(key, prefix);
    world_.announce(router, prefix, attributes);
  }

  void policy() {
    static const std::vector<std::string> policies{
        "outbound = match(dstport=80) >> fwd({0}) // match(dstport=80/443) >> fwd({1})",
        "outbound = match(dstip=140.0.0.0/17) >> fwd({0})\ninbound = match(dstport=443) >> drop",
        "inbound = from({0}) >> drop"};
    const std::size_t who = below(kMembers.size());
    const std::string& participant = kMembers.at(who);
    if (with_policy_.erase(participant) != 0) return world_.remove_policy(participant);
    std::string text = policies.at(below(policies.size()));
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string slot = "{" + std::to_string(i) + "}";
      const auto at = text.find(slot);
      if (at != std::string::npos) {
        text.replace(at, slot.size(),
                     kMembers.at((who + 1 + below(kMembers.size() - 1)) % kMembers.size()));
      }
    }
    world_.set_policy(participant, text);
    if (world_.controller().policy_text(world_.id_of(participant)) != nullptr) {
      with_policy_.insert(participant);
    }
  }

  void port() {
    const std::string& router = kRouters.at(below(kRouters.size()));
    const bool up = down_.erase(router) != 0;
    if (!up) down_.insert(router);
    world_.set_port(router, up);
  }

  static inline const std::vector<std::string> kRouters{"a1", "a2", "b1", "c1", "c2", "d1"};
  static inline const std::vector<std::string> kMembers{"A", "B", "C", "D"};
  static inline const std::vector<std::uint32_t> kAsns{100, 200, 300, 400};

  World& world_;
  std::mt19937 engine_;
  std::map<std::pair<std::string, std::string>, std::string> announced_;
  std::set<std::string> with_policy_;
  std::set<std::string> down_;
};

TEST(ControllerLawTest, AHistoryAndItsReversalLeaveTheSameRules) {
  for (std::uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    World world;
    world.announce("b1", "160.0.0.0/24");
    world.announce("c2", "160.0.0.0/24", World::path({300, 8}));
    world.set_policy("A", "outbound = match(dstport=22) >> fwd(C)");
    const auto before = world.controller().installed();
    const std::string hop = world.next_hop("a1", "160.0.0.1");

    World other;
    other.announce("c2", "160.0.0.0/24", World::path({300, 8}));
    other.set_policy("A", "outbound = match(dstport=22) >> fwd(C)");
    other.announce("b1", "160.0.0.0/24");
    EXPECT_EQ(other.controller().installed()->tables, before->tables)
        << "the order of independent events does not show";
    EXPECT_EQ(other.next_hop("a1", "160.0.0.1"), hop);

    History history(world, seed);
    for (int i = 0; i < 40; ++i) history.step();
    EXPECT_FALSE(world.controller().suspended());
    EXPECT_EQ(world.controller().counters().refused, 0U);
    history.reverse();
    if (world.controller().policy_text(world.id_of("A")) == nullptr) {
      world.set_policy("A", "outbound = match(dstport=22) >> fwd(C)");
    }
    EXPECT_EQ(world.controller().installed()->tables, before->tables);
    EXPECT_EQ(world.next_hop("a1", "160.0.0.1"), hop);
    // Bindings that routers may remember stay; none changes its meaning.
    for (const auto& neighbor : before->neighbors) {
      const auto* same = program::find_neighbor(*world.controller().installed(), neighbor.sender,
                                                neighbor.address);
      ASSERT_NE(same, nullptr);
      EXPECT_EQ(*same, neighbor);
    }
    for (const auto& notice : world.take_notices()) {
      EXPECT_EQ(notice.find("taken back"), std::string::npos) << notice;
    }
  }
}

TEST(ControllerLawTest, PacketsGoWhereTheMeaningSaysThroughRandomHistories) {
  for (std::uint32_t seed = 100; seed < 104; ++seed) {
    SCOPED_TRACE(seed);
    World world;
    History history(world, seed);
    for (int i = 0; i < 30; ++i) {
      history.step();
      // send() compares the fabric with the trace, and that with the meaning.
      for (const char* from : {"a1", "b1", "c2", "d1"}) {
        for (const unsigned port : {80U, 443U, 81U}) {
          if (testing::Test::HasFailure()) return;
          world.send(from, tcp_to(port));
          world.send(from, tcp_to(port, "140.0.200.1"));
          world.send(from, fmt::format("tcp [2001:db8:9::1]:1 -> [2001:db8:1:2::1]:{}", port));
        }
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::controller
