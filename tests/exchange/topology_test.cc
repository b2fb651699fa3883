#include "exchange/topology.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::exchange {
namespace {

constexpr std::uint32_t kSeed = 20261121;

// Port n of the exchange is port 1 of the n-th switch; links use ports from 100.
SwitchSpec spec(std::uint32_t number, SwitchRole role) {
  SwitchSpec made{.name = "s" + std::to_string(number), .datapath_id = number, .role = role};
  made.ports[net::PortNo{number}] = net::PortNo{1};
  return made;
}

Link link_of(SwitchIndex one, SwitchIndex other, std::uint32_t number) {
  return {LinkEnd{.at = one, .port = net::PortNo{100 + number}},
          LinkEnd{.at = other, .port = net::PortNo{100 + number}}};
}

// Two edges (0, 1) at two cores (2, 3).
Topology leaf_spine() {
  using enum SwitchRole;
  Topology made{.switches = {spec(1, kEdge), spec(2, kEdge), spec(3, kCore), spec(4, kCore)},
                .links = {link_of(0, 2, 1), link_of(0, 3, 2), link_of(1, 2, 3), link_of(1, 3, 4)}};
  made.switches[2].ports.clear();
  made.switches[3].ports.clear();
  return made;
}

using Links = std::vector<LinkIndex>;

TEST(TopologyTest, AllShortestPathsAreUsed) {
  const Topology topology = leaf_spine();
  const Paths paths(topology, {});
  EXPECT_EQ(paths.next_links(0, 1), (Links{0, 1}));
  EXPECT_EQ(paths.next_links(2, 0), (Links{0}));
  EXPECT_EQ(paths.next_links(0, 3), (Links{1}));
}

TEST(TopologyTest, AFailureElsewhereIsGoneAround) {
  const Topology topology = leaf_spine();
  const Paths paths(topology, {2});  // the second edge to the first core
  EXPECT_EQ(paths.next_links(0, 1), (Links{1}));
  // The core could only go through the other edge.
  EXPECT_TRUE(paths.next_links(2, 1).empty());
}

TEST(TopologyTest, SwitchesWithPortsThatNoPathJoinsAreFound) {
  Topology topology = leaf_spine();
  EXPECT_EQ(find_apart(topology), std::nullopt);
  topology.links.resize(2);
  EXPECT_EQ(find_apart(topology), (std::array<SwitchIndex, 2>{0, 1}));
  topology.switches[1].ports.clear();
  EXPECT_EQ(find_apart(topology), std::nullopt);
}

TEST(TopologyTest, NamesLinksAndFindsPorts) {
  const Topology topology = leaf_spine();
  EXPECT_EQ(describe(topology, 1), "s1:102-s4:102");
  EXPECT_EQ(switch_of(topology, net::PortNo{2}), SwitchIndex{1});
  EXPECT_EQ(switch_of(topology, net::PortNo{3}), std::nullopt);
}

// Below `bound`.
std::uint32_t pick(std::mt19937& random, std::size_t bound) {
  return static_cast<std::uint32_t>(random() % bound);
}

Topology random_topology(std::mt19937& random) {
  Topology topology;
  const std::uint32_t switches = 2 + pick(random, 7);
  for (std::uint32_t i = 1; i <= switches; ++i) {
    topology.switches.push_back(
        spec(i, pick(random, 3) == 0 ? SwitchRole::kEdge : SwitchRole::kCore));
  }
  const std::uint32_t links = pick(random, std::size_t{2} * switches);
  for (std::uint32_t i = 0; i < links; ++i) {
    const SwitchIndex one = pick(random, switches);
    const SwitchIndex other = (one + 1 + pick(random, switches - 1)) % switches;
    topology.links.push_back(link_of(one, other, i));
  }
  return topology;
}

// The oracle: distances by relaxation until nothing changes. Beyond any path: none.
std::vector<std::size_t> distances_to(const Topology& topology, const std::set<LinkIndex>& down,
                                      SwitchIndex to) {
  std::vector<std::size_t> distance(topology.switches.size(), 1000);
  distance[to] = 0;
  for (std::size_t round = 0; round < topology.switches.size(); ++round) {
    for (LinkIndex link = 0; link < topology.links.size(); ++link) {
      if (down.contains(link)) continue;
      for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
        const SwitchIndex from = topology.links[link][side].at;
        const SwitchIndex next = topology.links[link][1 - side].at;
        const bool passes = next == to || topology.switches[next].role == SwitchRole::kCore;
        if (passes) distance[from] = std::min(distance[from], distance[next] + 1);
      }
    }
  }
  return distance;
}

// So every way ends where it should, after the fewest links, whichever of the links is taken.
TEST(TopologyTest, EveryLinkLeadsNearerAndIsThereWheneverThereIsAWay) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    const Topology topology = random_topology(random);
    std::set<LinkIndex> down;
    for (LinkIndex link = 0; link < topology.links.size(); ++link) {
      if (pick(random, 4) == 0) down.insert(link);
    }
    const Paths paths(topology, down);
    for (SwitchIndex to = 0; to < topology.switches.size(); ++to) {
      const auto distance = distances_to(topology, down, to);
      for (SwitchIndex from = 0; from < topology.switches.size(); ++from) {
        const auto& links = paths.next_links(from, to);
        if (from == to) continue;
        ASSERT_EQ(links.empty(), distance[from] >= 1000) << "round " << round;
        for (const LinkIndex link : links) {
          ASSERT_FALSE(down.contains(link));
          const auto& [one, other] = topology.links[link];
          const SwitchIndex next = one.at == from ? other.at : one.at;
          ASSERT_EQ(distance[next] + 1, distance[from]) << "round " << round;
          ASSERT_TRUE(next == to || topology.switches[next].role == SwitchRole::kCore);
        }
        ASSERT_EQ(std::set(links.begin(), links.end()).size(), links.size());
      }
    }
  }
}

// The links of any path from one switch to another; more than there are switches: it never ends.
// NOLINTNEXTLINE(misc-no-recursion): no deeper than there are switches
std::size_t longest_way(const Topology& topology, const Paths& paths, SwitchIndex from,
                        SwitchIndex to, std::size_t steps = 0) {
  std::size_t longest = 0;
  if (from == to || steps > topology.switches.size()) return steps;
  for (const LinkIndex link : paths.next_links(from, to)) {
    const auto& [one, other] = topology.links[link];
    const SwitchIndex next = one.at == from ? other.at : one.at;
    longest = std::max(longest, longest_way(topology, paths, next, to, steps + 1));
  }
  return longest;
}

TEST(TopologyTest, DoubtfulLinksAreTakenWhereThereIsNoOtherWayAndMakeNoCircle) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (int round = 0; round < 2000; ++round) {
    const Topology topology = random_topology(random);
    std::set<LinkIndex> down;
    std::set<LinkIndex> doubtful;
    for (LinkIndex link = 0; link < topology.links.size(); ++link) {
      const std::uint32_t state = pick(random, 4);
      if (state == 0) down.insert(link);
      if (state == 1) doubtful.insert(link);
    }
    std::set<LinkIndex> both = down;
    both.insert(doubtful.begin(), doubtful.end());
    const Paths all(topology, down);
    const Paths sure(topology, both);
    const Paths paths(topology, down, doubtful);
    for (SwitchIndex from = 0; from < topology.switches.size(); ++from) {
      for (SwitchIndex to = 0; to < topology.switches.size(); ++to) {
        if (from == to) continue;
        const auto& expected = sure.next_links(from, to).empty() ? all.next_links(from, to)
                                                                 : sure.next_links(from, to);
        ASSERT_EQ(paths.next_links(from, to), expected) << "round " << round;
        ASSERT_LT(longest_way(topology, paths, from, to), topology.switches.size());
      }
    }
  }
}

}  // namespace
}  // namespace fabrix::exchange
