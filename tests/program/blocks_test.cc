#include "program/blocks.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix::program {
namespace {

using Numbers = Blocks<int>;

Numbers::Block block(std::vector<int> values) {
  return std::make_shared<const std::vector<int>>(std::move(values));
}

TEST(BlocksTest, AreTheSequenceOfTheirValues) {
  const Numbers cut(Numbers::Directory{nullptr, block({1, 2}), block({}), block({3}), nullptr});
  EXPECT_EQ(std::vector(cut.begin(), cut.end()), (std::vector{1, 2, 3}));
  EXPECT_EQ(cut.size(), 3U);
  EXPECT_TRUE(Numbers(Numbers::Directory{nullptr, nullptr}).empty());
  const Numbers nothing;
  EXPECT_EQ(nothing.begin(), nothing.end());
  EXPECT_EQ(cut.block(7), nullptr);
}

TEST(BlocksTest, AreEqualHoweverTheyAreCut) {
  const auto shared = block({1, 2});
  const Numbers cut(Numbers::Directory{shared, block({3})});
  EXPECT_EQ(cut, Numbers(Numbers::Directory{shared, block({3})}));
  EXPECT_EQ(cut, Numbers(Numbers::Directory{block({1}), block({2, 3})}));
  EXPECT_EQ(cut, (Numbers{1, 2, 3}));
  EXPECT_NE(cut, Numbers(Numbers::Directory{shared, block({4})}));
  EXPECT_NE(cut, Numbers(Numbers::Directory{shared}));
  EXPECT_NE(cut, (Numbers{1, 2, 4}));
}

TEST(BlocksTest, AnEditIsSeenByNobodyElse) {
  const Numbers before(Numbers::Directory{block({1}), block({2})});
  Numbers edited = before;
  edited.edit().push_back(3);
  Numbers copied = edited;
  copied.edit().front() = 7;
  EXPECT_EQ(before, (Numbers{1, 2}));
  EXPECT_EQ(edited, (Numbers{1, 2, 3}));
  EXPECT_EQ(copied, (Numbers{7, 2, 3}));
}

TEST(BlocksTest, ABlockIsReplacedForOneSequenceAlone) {
  Numbers::Directory directory;
  for (int i = 0; i < 100; ++i) directory.push_back(block({i}));
  const Numbers before(directory);
  Numbers after = before;
  after.set_block(70, block({7, 7}));
  EXPECT_EQ(before.size(), 100U);
  EXPECT_EQ(after.size(), 101U);
  EXPECT_NE(after, before);
  std::vector<int> unlike;
  after.for_each_block_unlike(before, [&](const std::vector<int>& each) { unlike = each; });
  EXPECT_EQ(unlike, (std::vector{7, 7}));
  after.set_block(70, block({70}));
  EXPECT_EQ(after, before);
  after.set_block(99, nullptr);
  EXPECT_EQ(after.size(), 99U);
}

// In more leaves than one branch of the directory has, at their edges.
TEST(BlocksTest, ManyBlocksAreReplacedInOneGo) {
  Numbers::Directory directory;
  for (int i = 0; i < 1000; ++i) directory.push_back(block({i}));
  const Numbers before(directory);
  Numbers after = before;
  std::vector<Numbers::Change> changes;
  std::vector<int> wanted(before.begin(), before.end());
  for (const std::size_t index : {0U, 1U, 15U, 16U, 255U, 256U, 257U, 700U, 999U}) {
    changes.push_back({index, block({-1})});
    directory[index] = changes.back().block;
    wanted[index] = -1;
  }
  after.set_blocks(std::move(changes));
  EXPECT_EQ(std::vector(after.begin(), after.end()), wanted);
  EXPECT_EQ(after, Numbers(directory));
  EXPECT_EQ(before.block(700)->front(), 700);
  std::vector<int> unlike;
  before.for_each_block_unlike(after, [&](const std::vector<int>& each) {
    unlike.insert(unlike.end(), each.begin(), each.end());
  });
  EXPECT_EQ(unlike, (std::vector{0, 1, 15, 16, 255, 256, 257, 700, 999}));
  after.set_blocks({});
  EXPECT_EQ(after, Numbers(directory));
}

TEST(BlocksTest, WhatADirectoryHasBeyondAnotherIsUnlike) {
  Numbers::Directory directory;
  for (int i = 0; i < 300; ++i) directory.push_back(block({i}));
  const Numbers all(directory);
  directory.resize(40);
  const Numbers few(directory);
  std::vector<int> unlike;
  const auto add = [&](const std::vector<int>& each) { unlike.push_back(each.front()); };
  all.for_each_block_unlike(few, add);
  EXPECT_EQ(unlike.size(), 260U);
  EXPECT_EQ(unlike.front(), 40);
  unlike.clear();
  few.for_each_block_unlike(all, add);
  EXPECT_TRUE(unlike.empty());
}

}  // namespace
}  // namespace fabrix::program
