#include "base/large_pages.h"

#include <cstdint>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

TEST(LargePagesTest, BeginAtTheirBoundary) {
  for (const std::size_t size : {std::size_t{1}, kLargePage - 1, kLargePage, 3 * kLargePage + 1}) {
    void* const octets = take_pages(size);
    const std::size_t boundary = size < kLargePage ? kCacheLine : kLargePage;
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(octets) % boundary, 0U) << size;
    std::memset(octets, 1, size);
    give_pages_back(octets, size);
  }
}

// From small pages into large ones.
TEST(LargePagesTest, HoldWhatAVectorHolds) {
  std::vector<std::uint64_t, LargePages<std::uint64_t>> numbers;
  for (std::uint64_t n = 0; n < 500'000; ++n) numbers.push_back(n * n);
  const auto copy = numbers;
  numbers = {};
  for (std::uint64_t n = 0; n < 500'000; ++n) ASSERT_EQ(copy[n], n * n);
}

}  // namespace
}  // namespace fabrix
