#include "base/arena.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace fabrix {
namespace {

TEST(ArenaTest, HasLittleForFewBlocks) {
  Arena arena;
  EXPECT_EQ(arena.held(), 0U);
  static_cast<void>(arena.allocate(100, 8));
  EXPECT_EQ(arena.held(), Arena::kFirstPiece);
}

TEST(ArenaTest, HoldsLessThanTwiceWhatIsUsed) {
  Arena arena;
  constexpr std::size_t kBlock = 4800;
  std::size_t used = 0;
  while (used < 5 * kLargePage) {
    static_cast<void>(arena.allocate(kBlock, kCacheLine));
    used += kBlock;
    // And the end of each piece, which is too small for a block.
    ASSERT_LE(arena.held(), 3 * used + Arena::kFirstPiece) << used;
  }
  EXPECT_LE(arena.held(), used + 2 * kLargePage);
}

TEST(ArenaTest, TakesBackWhatIsOfNoUse) {
  Arena arena;
  void* const first = arena.allocate(640, kCacheLine);
  arena.deallocate(first, 640, kCacheLine);
  EXPECT_NE(arena.allocate(704, kCacheLine), first);
  EXPECT_EQ(arena.allocate(600, kCacheLine), first);  // rounded, it is as large
}

TEST(ArenaTest, GivesLargeBlocksBack) {
  Arena arena;
  void* const block = arena.allocate(3 * kLargePage + 1, kCacheLine);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % kLargePage, 0U);
  std::memset(block, 1, 3 * kLargePage + 1);
  EXPECT_EQ(arena.held(), 0U);
  arena.deallocate(block, 3 * kLargePage + 1, kCacheLine);
}

// Nothing that is in use lies in anything else that is, as they come and go.
TEST(ArenaTest, KeepsBlocksApart) {
  constexpr unsigned kSeed = 20261123;
  std::mt19937 random(kSeed);  // NOLINT(cert-msc51-cpp): the same every time
  Arena arena;
  struct Block {
    std::size_t size;
    std::uint8_t filling;
  };
  std::map<std::uint8_t*, Block> blocks;
  const auto is_whole = [](const std::uint8_t* octets, const Block& block) {
    for (std::size_t at = 0; at < block.size; ++at) {
      if (octets[at] != block.filling) return false;
    }
    return true;
  };
  for (int step = 0; step < 3000; ++step) {
    const std::size_t size = std::vector<std::size_t>{1, 448, 1280, 4800, 300'000}[random() % 5];
    const auto filling = static_cast<std::uint8_t>(random());
    auto* const octets = static_cast<std::uint8_t*>(arena.allocate(size, kCacheLine));
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(octets) % kCacheLine, 0U);
    std::memset(octets, filling, size);
    ASSERT_TRUE(blocks.emplace(octets, Block{size, filling}).second) << "seed " << kSeed;
    if (blocks.size() < 100) continue;
    const auto gone = std::next(blocks.begin(), static_cast<int>(random() % blocks.size()));
    ASSERT_TRUE(is_whole(gone->first, gone->second)) << "step " << step << ", seed " << kSeed;
    arena.deallocate(gone->first, gone->second.size, kCacheLine);
    blocks.erase(gone);
  }
  for (const auto& [octets, block] : blocks) {
    ASSERT_TRUE(is_whole(octets, block)) << "seed " << kSeed;
    arena.deallocate(octets, block.size, kCacheLine);
  }
}

}  // namespace
}  // namespace fabrix
