#include "diagram/node_table.h"

#include <array>

#include <gtest/gtest.h>

namespace fabrix::diagram {
namespace {

constexpr std::array<unsigned, 2> kWidths{8, 64};

NodeId intern(NodeTable& table, FieldIndex field, std::vector<Edge> edges) {
  return table.intern(field, edges);
}

TEST(NodeTableTest, EqualNodesAreOne) {
  NodeTable table(kWidths);
  const NodeId five = table.leaf(5);
  const std::size_t before = table.size();
  const NodeId a = intern(table, 0, {{0, kNoneNode}, {7, five}});
  EXPECT_EQ(intern(table, 0, {{0, kNoneNode}, {7, five}}), a);
  EXPECT_EQ(table.leaf(5), five);
  EXPECT_EQ(table.size(), before + 1);
  EXPECT_NE(intern(table, 1, {{0, kNoneNode}, {7, five}}), a);
  EXPECT_NE(intern(table, 0, {{0, kNoneNode}, {8, five}}), a);
}

TEST(NodeTableTest, EqualNeighboursMergeAndASingleChildStandsForTheNode) {
  NodeTable table(kWidths);
  EXPECT_EQ(intern(table, 0, {{0, kTrueNode}, {9, kTrueNode}}), kTrueNode);
  EXPECT_EQ(intern(table, 0, {{0, kNoneNode}, {3, kNoneNode}, {5, kTrueNode}, {6, kTrueNode}}),
            intern(table, 0, {{0, kNoneNode}, {5, kTrueNode}}));
}

TEST(NodeTableTest, TheHoleIsNoLeafOfAUser) {
  NodeTable table(kWidths);
  EXPECT_EQ(table.leaf(kNone), kNoneNode);
  EXPECT_EQ(table.leaf(kTrue), kTrueNode);
  for (const Leaf leaf : {Leaf{2}, ~Leaf{0}}) EXPECT_NE(table.leaf(leaf), kHoleNode);
}

TEST(NodeTableTest, ChildrenAreFoundByValue) {
  NodeTable table(kWidths);
  const NodeId node = intern(table, 1, {{0, kNoneNode}, {10, kTrueNode}, {~0ULL, kNoneNode}});
  EXPECT_EQ(table.child_for(node, 0), kNoneNode);
  EXPECT_EQ(table.child_for(node, 9), kNoneNode);
  EXPECT_EQ(table.child_for(node, 10), kTrueNode);
  EXPECT_EQ(table.child_for(node, ~0ULL - 1), kTrueNode);
  EXPECT_EQ(table.child_for(node, ~0ULL), kNoneNode);
}

TEST(NodeTableTest, OverlapsEndWhereEitherSideChanges) {
  const std::vector<Edge> a{{0, 10}, {5, 11}, {~0ULL, 12}};
  const std::vector<Edge> b{{0, 20}, {5, 21}, {6, 22}};
  std::vector<std::array<std::uint64_t, 3>> seen;
  for_each_overlap(a, b, [&](std::uint64_t low, NodeId child_a, NodeId child_b) {
    seen.push_back({low, child_a, child_b});
  });
  const std::vector<std::array<std::uint64_t, 3>> expected{
      {0, 10, 20}, {5, 11, 21}, {6, 11, 22}, {~0ULL, 12, 22}};
  EXPECT_EQ(seen, expected);
}

TEST(NodeTableTest, CollectFreesWhatNoRootReachesAndReusesIt) {
  NodeTable table(kWidths);
  const std::size_t constants = table.size();
  const NodeId kept = intern(table, 0, {{0, kNoneNode}, {4, table.leaf(77)}});
  for (Leaf leaf = 100; leaf < 20'100; ++leaf) {
    intern(table, 1, {{0, kNoneNode}, {leaf, table.leaf(leaf)}});
  }
  const std::size_t most = table.size();
  EXPECT_EQ(most, constants + 2 + 40'000);
  table.collect({{kept}});
  EXPECT_EQ(table.size(), constants + 2);
  EXPECT_EQ(intern(table, 0, {{0, kNoneNode}, {4, table.leaf(77)}}), kept);
  EXPECT_EQ(table.node(table.child_for(kept, 4)).leaf, 77U);
  for (Leaf leaf = 100; leaf < 20'100; ++leaf) {
    EXPECT_LT(intern(table, 1, {{0, kNoneNode}, {leaf, table.leaf(leaf)}}), most);
  }
}

TEST(NodeTableTest, CollectWithoutRootsIsANewTable) {
  NodeTable table(kWidths);
  const std::size_t constants = table.size();
  for (const Leaf count : {Leaf{3}, Leaf{20'000}, Leaf{3}}) {
    NodeTable fresh(kWidths);
    for (Leaf leaf = 100; leaf < 100 + count; ++leaf) {
      const NodeId node = intern(table, 1, {{0, kNoneNode}, {leaf, table.leaf(leaf)}});
      EXPECT_EQ(node, intern(fresh, 1, {{0, kNoneNode}, {leaf, fresh.leaf(leaf)}}));
      EXPECT_EQ(table.node(table.child_for(node, leaf)).leaf, leaf);
    }
    table.collect({});
    EXPECT_EQ(table.size(), constants);
    EXPECT_EQ(table.leaf(kNone), kNoneNode);
    EXPECT_EQ(table.leaf(kTrue), kTrueNode);
  }
}

}  // namespace
}  // namespace fabrix::diagram
