#include "diagram/memo.h"

#include <gtest/gtest.h>

namespace fabrix::diagram {
namespace {

TEST(MemoTest, FindsExactlyWhatWasInserted) {
  constexpr std::uint32_t kEntries = 100'000;
  Memo memo;
  EXPECT_FALSE(memo.find(0));
  for (std::uint32_t i = 0; i < kEntries; ++i) memo.insert(pair_key(i, i / 3), i * 7);
  EXPECT_EQ(memo.size(), kEntries);
  for (std::uint32_t i = 0; i < kEntries; ++i) {
    ASSERT_EQ(memo.find(pair_key(i, i / 3)), i * 7);
    ASSERT_FALSE(memo.find(pair_key(i, i / 3 + 1)));
  }
}

TEST(MemoTest, ForgetsEverythingWhenCleared) {
  Memo memo;
  memo.insert(5, 6);
  memo.clear();
  EXPECT_EQ(memo.size(), 0U);
  EXPECT_FALSE(memo.find(5));
  memo.insert(5, 7);
  EXPECT_EQ(memo.find(5), 7U);
}

}  // namespace
}  // namespace fabrix::diagram
