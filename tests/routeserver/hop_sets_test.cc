#include "routeserver/hop_sets.h"

#include <gtest/gtest.h>

namespace fabrix::routeserver {
namespace {

net::IpAddress ip(const char* text) {
  return net::IpAddress::parse(text).value();
}

PeerId peer(unsigned i) {
  return PeerId{static_cast<std::uint16_t>(i)};
}

TEST(HopGroups, AClientIsInOneGroupAtMost) {
  HopGroups groups;
  put(groups, peer(1), ip("10.0.0.2"));
  put(groups, peer(2), ip("10.0.0.1"));
  put(groups, peer(3), ip("10.0.0.2"));
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].next_hop, ip("10.0.0.1")) << "sorted";
  EXPECT_EQ(groups[1].clients.size(), 2U);
  put(groups, peer(2), ip("10.0.0.2"));
  ASSERT_EQ(groups.size(), 1U);
  put(groups, peer(2), std::nullopt);
  EXPECT_EQ(groups[0].clients.size(), 2U);
  put(groups, peer(1), std::nullopt);
  put(groups, peer(3), std::nullopt);
  EXPECT_TRUE(groups.empty());
}

TEST(HopGroups, AreMadeOfManyClientsAtOnce) {
  HopGroups one_by_one;
  std::vector<ClientHop> hops;
  for (unsigned i = 0; i < 200; ++i) {
    const net::IpAddress next_hop = ip(i % 3 == 0 ? "10.0.0.7" : "10.0.0.2");
    put(one_by_one, peer(199 - i), next_hop);
    hops.push_back({.next_hop = next_hop, .client = peer(199 - i)});
  }
  HopGroups at_once;
  group_hops(hops, at_once);
  EXPECT_EQ(at_once, one_by_one);
}

TEST(HopSets, EqualGroupsAreKeptOnceWhileSomebodyHoldsThem) {
  HopSets sets;
  HopGroups groups;
  put(groups, peer(1), ip("10.0.0.2"));
  const HopSetId first = sets.take(groups);
  EXPECT_NE(first, 0U);
  EXPECT_EQ(sets.take(groups), first);
  EXPECT_EQ(sets.of(first, peer(1)), ip("10.0.0.2"));
  EXPECT_EQ(sets.of(first, peer(2)), std::nullopt);
  sets.hold(first);
  sets.release(first);
  sets.release(first);
  EXPECT_EQ(sets.size(), 2U) << "with the empty one";
  sets.release(first);
  EXPECT_EQ(sets.size(), 1U);
}

TEST(HopSets, NobodyIsNumberZero) {
  HopSets sets;
  EXPECT_EQ(sets.take({}), 0U);
  sets.hold(0);
  sets.release(0);
  sets.release(0);
  EXPECT_TRUE(sets[0].empty());
}

TEST(HopSets, PlacesAreUsedAgain) {
  HopSets sets;
  HopGroups groups;
  for (unsigned i = 0; i < 1000; ++i) {
    put(groups, peer(i % 50), ip(i % 2 == 0 ? "10.0.0.1" : "10.0.0.2"));
    const HopSetId id = sets.take(groups);
    EXPECT_LE(id, 2U);
    sets.release(id);
  }
  EXPECT_EQ(sets.size(), 1U);
}

}  // namespace
}  // namespace fabrix::routeserver
